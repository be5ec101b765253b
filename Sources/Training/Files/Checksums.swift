import Domain
import Foundation
import Kernels
import ModelFiles

/// The SHA-256 digests of a checkpoint's files, by which damage is found before anything is learned
/// from it.
///
/// They protect from disks, not from people: whoever can write the files can write the digests.
enum Checksums {
    /// The file of digests, by the names of the others.
    static let fileName = "checksums.json"

    /// Writes the digests of everything that is in a checkpoint's folder so far.
    static func write(folder: String) throws {
        var digests: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            digests[name] = try digest(folder + "/" + name)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(digests).write(to: URL(fileURLWithPath: folder + "/" + fileName))
    }

    /// Compares a folder with its digests; one that has none (a model, or a checkpoint of an older
    /// version) is taken as it is.
    ///
    /// - Throws: `invalidModelFile` naming the folder and everything in it that is missing or changed.
    static func verify(folder: String) throws(HoneError) {
        guard let data = FileManager.default.contents(atPath: folder + "/" + fileName) else {
            return
        }
        guard let digests = try? JSONDecoder().decode([String: String].self, from: data) else {
            throw damaged(folder, [fileName])
        }
        let changed = digests.keys.sorted().filter { name in
            (try? digest(folder + "/" + name)) != digests[name]
        }
        guard changed.isEmpty else { throw damaged(folder, changed) }
    }

    private static func digest(_ path: String) throws -> String {
        try MappedFile(path: path).withUnsafeBytes { ByteDigest.sha256($0) }
    }

    private static func damaged(_ folder: String, _ names: [String]) -> HoneError {
        HoneError(
            .invalidModelFile,
            "the checkpoint \(folder) is damaged: not as they were written are "
                + "\(names.joined(separator: ", ")); take the one before, or a copy",
            param: folder
        )
    }
}
