internal import Domain
internal import Glibc

/// Publishes a file whole or not at all: written beside, flushed, renamed, the folder flushed.
public enum AtomicFile {
    /// Writes the file at `path` by calling `body`, replacing what was there only when all is on disk.
    ///
    /// When anything throws, the previous file is untouched and the temporary one is removed.
    ///
    /// - Throws: `HoneError(.diskFull)` when there is no space, `.internalError` for other failures,
    ///   and what `body` throws.
    public static func write(to path: String, _ body: (OutputFile) throws -> Void) throws {
        try write(to: path, calls: .system, body)
    }

    /// Writes `bytes` as the file at `path`.
    public static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    package static func write(
        to path: String,
        calls: WriteCalls,
        _ body: (OutputFile) throws -> Void
    ) throws {
        let temporary = temporarySibling(of: path)
        let file = try OutputFile(creating: temporary, calls: calls)
        do {
            try body(file)
            try file.synchronize()
            guard rename(temporary, path) == 0 else {
                throw FileFailure.writing(path, "move it into place", errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronizeFolder(parentFolder(of: path))
    }
}

/// The prefix of everything that is not published yet; safe to delete when no writer is running.
let temporaryPrefix = ".tmp-"

/// A name beside `path` that nothing else uses.
func temporarySibling(of path: String) -> String {
    let random = String(UInt64.random(in: .min ... .max), radix: 16)
    return joinPath(parentFolder(of: path), temporaryPrefix + random)
}

/// Flushes the entries of the folder at `path`, so that a rename in it survives a power cut.
func synchronizeFolder(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure.writing(path, "open the folder", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileFailure.writing(path, "flush the folder", errno) }
}
