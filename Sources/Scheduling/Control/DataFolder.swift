import Domain
import Foundation

/// Where things are in a data folder.
struct DataFolder: Sendable, Hashable {
    let root: String

    init(_ root: String) {
        var path = (root as NSString).expandingTildeInPath
        if !path.hasPrefix("/") {
            path = FileManager.default.currentDirectoryPath + "/" + path
        }
        self.root = (path as NSString).standardizingPath
    }

    func model(_ name: String) -> String { "\(root)/models/\(name)" }
    func run(_ id: String) -> String { "\(root)/runs/\(id)" }
    func checkpoint(_ run: String, step: Int) -> String {
        let digits = String(step)
        let padding = String(repeating: "0", count: max(0, 6 - digits.count))
        return "\(self.run(run))/checkpoints/step-\(padding)\(digits)"
    }
    /// Policies on their way from a run's learner to its sampler.
    func snapshots(_ run: String) -> String { "\(self.run(run))/snapshots" }
    /// The copy of a checkpoint that a run was started from.
    func base(_ run: String) -> String { "\(self.run(run))/base" }
    /// The copy of a part of the mean that is a run's reference.
    func soup(_ run: String, _ index: Int) -> String { "\(self.run(run))/soup-\(index)" }
    /// The mean of a run's soup.
    func reference(_ run: String) -> String { "\(self.run(run))/reference" }
    /// The copy of the model that a run's values begin from.
    func critic(_ run: String) -> String { "\(self.run(run))/critic" }
    /// The copy of a model that a run distils from.
    func teacher(_ run: String, _ index: Int) -> String { "\(self.run(run))/teacher-\(index)" }
    func input(_ run: String, _ name: String) -> String { "\(self.run(run))/inputs/\(name).jsonl" }
    func metrics(_ run: String) -> String { "\(self.run(run))/metrics.jsonl" }
    func spec(_ run: String) -> String { "\(self.run(run))/spec.json" }

    /// The folder whose weights the model in `folder` adds its adapters to; `nil` for whole models.
    func baseFolder(of folder: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "\(folder)/hone.json"),
            let note = try? JSONDecoder().decode(Value.self, from: data),
            let path = note["base"]?["path"]?.stringValue
        else { return nil }
        return DataFolder(path.hasPrefix("/") ? path : "\(folder)/\(path)").root
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Makes a folder and those above it, for their owner alone: they hold prompts and people's verdicts.
    func create(_ path: String) throws(HoneError) {
        try perform("make the folder", path) {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }

    /// Removes a file or folder; one that is not there is no error.
    func remove(_ path: String) throws(HoneError) {
        guard exists(path) else { return }
        try perform("remove", path) { try FileManager.default.removeItem(atPath: path) }
    }

    func write(_ text: String, to path: String) throws(HoneError) {
        try create((path as NSString).deletingLastPathComponent)
        try perform("write", path) {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        }
    }

    /// Writes a file that is whole or not there, and has reached the disk when this returns.
    func writeDurably(_ content: FileContent, to path: String) throws(HoneError) {
        let parent = (path as NSString).deletingLastPathComponent
        try create(parent)
        let draft = "\(parent)/.tmp-\((path as NSString).lastPathComponent)"
        var isWhole = false
        // A disk that is full is not to be filled with half a file.
        defer { if !isWhole { unlink(draft) } }
        try perform("write", path) {
            try Data().write(to: URL(fileURLWithPath: draft))
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: draft))
            defer { try? file.close() }
            for start in stride(from: 0, to: content.count, by: FileContent.pieceBytes) {
                let piece = start..<min(content.count, start + FileContent.pieceBytes)
                try file.write(contentsOf: Data(content.read(piece)))
            }
            try file.synchronize()
            guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            isWhole = true
            // The name too must reach the disk.
            let folder = open(parent, O_RDONLY | O_DIRECTORY)
            defer { close(folder) }
            guard folder >= 0, fsync(folder) == 0 else {
                throw POSIXError(.init(rawValue: errno) ?? .EIO)
            }
        }
    }

    func append(_ text: String, to path: String) throws(HoneError) {
        guard let file = FileHandle(forWritingAtPath: path) else {
            return try write(text, to: path)
        }
        try perform("write", path) {
            defer { try? file.close() }
            try file.seekToEnd()
            try file.write(contentsOf: Data(text.utf8))
        }
    }

    func copy(_ source: String, to destination: String) throws(HoneError) {
        try create((destination as NSString).deletingLastPathComponent)
        try perform("copy \(source) to", destination) {
            try FileManager.default.copyItem(atPath: source, toPath: destination)
        }
    }

    /// Deletes what killed writers left unpublished (`.tmp-…`); nothing else may be writing.
    func removeLeftovers() {
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/runs")) ?? []
        for parent in ["\(root)/models"] + runs.map({ "\(run($0))/checkpoints" }) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
            for name in names where name.hasPrefix(".tmp-") {
                try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
            }
        }
    }

    /// A second name for every file of a folder: no bytes are copied, and either folder may go.
    func link(_ source: String, to destination: String) throws(HoneError) {
        try remove(destination)
        try create(destination)
        try perform("link \(source) to", destination) {
            for name in try FileManager.default.contentsOfDirectory(atPath: source) {
                try FileManager.default.linkItem(
                    atPath: "\(source)/\(name)",
                    toPath: "\(destination)/\(name)"
                )
            }
        }
    }

    /// Bytes of all files below `path`.
    func byteCount(_ path: String) -> Int {
        guard let names = FileManager.default.enumerator(atPath: path) else { return 0 }
        var total = 0
        for case let name as String in names {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            if attributes?[.type] as? FileAttributeType == .typeRegular {
                total += (attributes?[.size] as? Int) ?? 0
            }
        }
        return total
    }

    private func perform(
        _ action: String,
        _ path: String,
        _ body: () throws -> Void
    ) throws(HoneError) {
        do { try body() } catch {
            let cause = error as NSError
            let underlying = cause.userInfo[NSUnderlyingErrorKey] as? NSError
            let isFull =
                cause.code == CocoaError.fileWriteOutOfSpace.rawValue
                || [ENOSPC, EDQUOT, EFBIG].contains { underlying?.code == Int($0) }
            throw HoneError(
                isFull ? .diskFull : .internalError,
                isFull
                    ? "no room left to \(action) \(path): free some and try again"
                    : "cannot \(action) \(path): \(SystemReason.text(of: error))",
                param: path
            )
        }
    }
}
