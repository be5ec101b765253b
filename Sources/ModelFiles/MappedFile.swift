internal import Domain
internal import Glibc

/// A file mapped into memory for reading, unmapped when the last reference goes.
///
/// Model files are published by rename and never rewritten in place, so a mapping stays what it was.
/// Should somebody truncate the file nevertheless, each access notices and throws; only a truncation
/// in the very middle of one access cannot be noticed.
///
/// `@unchecked Sendable`: all stored properties are constants, and the mapped pages are never written.
public final class MappedFile: @unchecked Sendable {
    /// The path as it was given.
    public let path: String
    /// The size in bytes when the file was opened.
    public let count: Int
    private let descriptor: Int32
    private let address: UnsafeMutableRawPointer?

    /// Opens and maps the regular file at `path`.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` when it is missing, unreadable or not a regular file.
    public init(path: String) throws {
        self.path = path
        // O_NONBLOCK: opening a FIFO must not wait for a writer; it has no effect on regular files.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFailure.reading(path, "open it", errno) }
        do {
            count = try Self.size(of: descriptor, path: path)
            address = try Self.map(descriptor, count: count, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        if let address { munmap(address, count) }
        close(descriptor)
    }

    /// Calls `body` with the whole file.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try withUnsafeBytes(in: 0..<count, body)
    }

    /// Calls `body` with the bytes of `range`, which are valid only during the call.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` when the range is not inside the file, or the file has
    ///   shrunk since it was opened; and what `body` throws.
    public func withUnsafeBytes<Result>(
        in range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard range.lowerBound >= 0, range.upperBound <= count else {
            throw FileFailure.invalid(path, "bytes \(range) lie outside its \(count) bytes")
        }
        let now = try Self.size(of: descriptor, path: path)
        guard now >= count else {
            throw FileFailure.invalid(
                path,
                "shrank from \(count) to \(now) bytes while in use; import the model again"
            )
        }
        let whole = UnsafeRawBufferPointer(start: address, count: count)
        return try body(UnsafeRawBufferPointer(rebasing: whole[range]))
    }

    /// Refuses a large file that is nearly all hole: its sizes say nothing of what was ever written.
    ///
    /// - Throws: `HoneError(.invalidModelFile)` where less than a sixteenth of 256 MiB or more is on disk.
    func refuseHollow() throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileFailure.reading(path, "examine it", errno)
        }
        // Compressing file systems leave less of a file too, but not of weights; some count no blocks.
        let written = Int(status.st_blocks) * 512
        guard count < 256 << 20 || written == 0 || written >= count / 16 else {
            throw FileFailure.invalid(
                path,
                "is a sparse file, only \(written) of its \(count) bytes were ever written; "
                    + "fetch it again"
            )
        }
    }

    /// Lets resident pages go, after a copy has been made; they are read again when touched.
    public func unload() {
        if let address { madvise(address, count, MADV_DONTNEED) }
    }

    private static func size(of descriptor: Int32, path: String) throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileFailure.reading(path, "examine it", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure.invalid(path, "is not a regular file")
        }
        return Int(status.st_size)
    }

    private static func map(
        _ descriptor: Int32,
        count: Int,
        path: String
    ) throws -> UnsafeMutableRawPointer? {
        // An empty file cannot be mapped, and needs no mapping.
        guard count > 0 else { return nil }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw FileFailure.reading(path, "map it into memory", errno)
        }
        return address
    }
}
