import Domain
import Foundation

/// A file that a user names, which may be anything: a pipe that nobody writes to, or a device
/// without an end.
enum UserFile {
    /// The most bytes that are read into memory.
    static let mostBytes = 4 << 30

    /// The path with `~` in full and links followed: a copy of it is a copy of what it shows.
    static func resolved(_ file: String) -> String {
        let expanded = (file as NSString).expandingTildeInPath
        return URL(fileURLWithPath: expanded).resolvingSymlinksInPath().path
    }

    /// Checks that a file can be read without waiting for anybody.
    ///
    /// - Throws: `.notFound` with the reason.
    static func check(_ file: String) throws(HoneError) {
        close(try opened(file).descriptor)
    }

    /// Reads a whole file.
    ///
    /// - Throws: `.notFound` with the reason.
    static func read(_ file: String) throws(HoneError) -> Data {
        let (descriptor, count) = try opened(file)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            // One that grows meanwhile is as it was.
            return try handle.read(upToCount: max(1, count)) ?? Data()
        } catch {
            throw unreadable(file, SystemReason.text(of: error))
        }
    }

    private static func opened(
        _ file: String
    ) throws(HoneError) -> (descriptor: Int32, count: Int) {
        let path = (file as NSString).expandingTildeInPath
        guard FileManager.default.fileExists(atPath: path) else {
            throw HoneError(.notFound, "the file \(file) does not exist", param: file)
        }
        // Opening a pipe must not wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(file, SystemReason.reading(path)) }
        var status = stat()
        let problem: String? =
            if fstat(descriptor, &status) != 0 {
                SystemReason.reading(path)
            } else if status.st_mode & S_IFMT != S_IFREG {
                status.st_mode & S_IFMT == S_IFDIR ? "Is a directory" : "it is not a regular file"
            } else if status.st_size > mostBytes {
                "it has more than \(mostBytes >> 30) GiB"
            } else { nil }
        if let problem {
            close(descriptor)
            throw unreadable(file, problem)
        }
        return (descriptor, Int(status.st_size))
    }

    private static func unreadable(_ file: String, _ reason: String) -> HoneError {
        HoneError(.notFound, "the file \(file) cannot be read: \(reason)", param: file)
    }
}
