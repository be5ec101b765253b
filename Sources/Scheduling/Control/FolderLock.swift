import Domain
import Foundation

/// The lock of a data folder: one process at a time, freed by the kernel when the process ends.
///
/// `@unchecked Sendable`: the descriptor is only closed, and only in `deinit`.
final class FolderLock: @unchecked Sendable {
    private let descriptor: Int32

    init(folder: String) throws(HoneError) {
        let path = folder + "/hone.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw HoneError(.internalError, "cannot open \(path): \(reason)", param: path)
        }
        guard Self.take(descriptor) else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
            let holder = String(decoding: bytes.prefix(count), as: UTF8.self)
                .prefix { $0.isNumber }
            throw HoneError(
                .dataFolderLocked,
                "the data folder \(folder) is in use by process \(holder): stop it, or use another "
                    + "folder (--data)",
                param: folder
            )
        }
        write("")
    }

    /// Says where the holder is to be asked.
    func announce(_ url: String) { write("\(url)\n") }

    private func write(_ rest: String) {
        let text = Array("\(getpid())\n\(rest)".utf8)
        // In this order, so that whoever reads in between finds a process.
        _ = pwrite(descriptor, text, text.count, 0)
        ftruncate(descriptor, off_t(text.count))
    }

    /// Where the process that holds a folder is to be asked; `nil` when it serves nothing.
    static func server(_ folder: String) -> String? {
        let text = (try? String(contentsOfFile: folder + "/hone.lock", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        return lines.count > 1 ? String(lines[1]) : nil
    }

    deinit { close(descriptor) }

    /// The file whose lock a folder's workers share as long as they live.
    static func workersPath(_ folder: String) -> String { folder + "/hone.workers" }

    /// Waits, ten seconds at most, until no worker of a killed process is at work any more: it may
    /// be in the middle of a save.
    ///
    /// - Throws: `.dataFolderLocked` when one does not end.
    static func waitForWorkers(folder: String) throws(HoneError) {
        let path = workersPath(folder)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw HoneError(.internalError, "cannot open \(path): \(reason)", param: path)
        }
        // Closing it gives the lock back.
        defer { close(descriptor) }
        for _ in 0..<1000 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(10_000)
        }
        throw HoneError(
            .dataFolderLocked,
            "a hone-worker of a process that is gone still works in \(folder): end it, then try "
                + "again",
            param: folder
        )
    }

    /// Tries for a fifth of a second: a process that the last holder was just starting shares the
    /// lock between fork and exec, so that it may outlive its holder by a moment.
    private static func take(_ descriptor: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(10_000)
        }
        return false
    }
}
