internal import Domain
internal import Glibc

/// The calls that can find the disk full, replaceable so that a test can fill it.
package struct WriteCalls: Sendable {
    /// As `write(2)`.
    package var write: @Sendable (Int32, UnsafeRawPointer, Int) -> Int
    /// As `fsync(2)`.
    package var sync: @Sendable (Int32) -> Int32

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawPointer, Int) -> Int,
        sync: @escaping @Sendable (Int32) -> Int32
    ) {
        self.write = write
        self.sync = sync
    }

    /// The kernel's.
    package static let system = WriteCalls(
        write: { Glibc.write($0, $1, $2) },
        sync: { fsync($0) }
    )

    /// The kernel's, but nothing is flushed to the disk: for what may be lost with the power.
    package static let unflushed = WriteCalls(write: system.write, sync: { _ in 0 })
}

/// A file being written from its beginning to its end; closed when the last reference goes.
public final class OutputFile {
    /// The path being written: a temporary one until it is published.
    public let path: String
    /// Bytes written so far.
    public private(set) var count = 0
    private let descriptor: Int32
    private let calls: WriteCalls

    init(creating path: String, calls: WriteCalls) throws {
        self.path = path
        self.calls = calls
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileFailure.writing(path, "create it", errno) }
    }

    deinit { close(descriptor) }

    /// Appends `bytes`.
    ///
    /// - Throws: `HoneError(.diskFull)` when there is no space, `.internalError` for other failures.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            // Linux writes at most 2 GiB at once, so short writes are ordinary here.
            let written = calls.write(descriptor, base, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written >= 0 else { throw FileFailure.writing(path, "write it", errno) }
            rest = rest.dropFirst(written)
            count += written
        }
    }

    /// Appends `bytes`.
    public func write(_ bytes: some Collection<UInt8>) throws {
        let done: Void? = try bytes.withContiguousStorageIfAvailable {
            try write(UnsafeRawBufferPointer($0))
        }
        if done == nil { try Array(bytes).withUnsafeBytes { try write($0) } }
    }

    /// Appends zeros up to a multiple of `alignment`.
    func pad(to alignment: Int) throws {
        let excess = count % alignment
        if excess > 0 { try write([UInt8](repeating: 0, count: alignment - excess)) }
    }

    func synchronize() throws {
        guard calls.sync(descriptor) == 0 else {
            throw FileFailure.writing(path, "flush it to the disk", errno)
        }
    }
}
