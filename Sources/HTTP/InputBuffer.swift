import Glibc

/// Bytes received and not yet parsed.
///
/// Lines are found without looking at a byte twice.
struct InputBuffer: Sendable {
    private var storage: [UInt8] = []
    private var start = 0
    /// Bytes after `start` that are known to hold no line feed.
    private var scanned = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }
    var first: UInt8? { isEmpty ? nil : storage[start] }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0 && start == storage.count { reset() }
        storage.append(contentsOf: bytes)
    }

    /// The length of the next line with its line feed, or nil while it is incomplete.
    mutating func lineLength() -> Int? {
        let found: Int? = storage.withUnsafeBytes { bytes in
            let from = start + scanned
            guard from < bytes.count, let base = bytes.baseAddress,
                let hit = memchr(base + from, 0x0A, bytes.count - from)
            else { return nil }
            return UnsafeRawPointer(hit) - base - start + 1
        }
        if found == nil { scanned = count }
        return found
    }

    /// The first bytes in place; `length` is cut to what there is.
    func withPrefix<Result, Failure: Error>(
        _ length: Int,
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withUnsafeBufferPointer { (bytes) throws(Failure) -> Result in
            let end = start + Swift.min(length, count)
            let part = UnsafeBufferPointer(rebasing: bytes[start..<end])
            return try body(UnsafeRawBufferPointer(part))
        }
    }

    mutating func drop(_ length: Int) {
        start += Swift.min(length, count)
        scanned = 0
        if start == storage.count {
            reset()
        } else if start > 64 * 1024 && start > storage.count / 2 {
            storage.removeFirst(start)
            start = 0
        }
    }

    /// Moves up to `length` bytes to the end of `target`.
    mutating func move(_ length: Int, to target: inout [UInt8]) {
        withPrefix(length) { target.append(contentsOf: $0) }
        drop(length)
    }

    mutating func removeAll() {
        storage = []
        start = 0
        scanned = 0
    }

    /// Keeps small storage for the next message, gives large storage back.
    private mutating func reset() {
        storage.capacity > 16 * 1024 ? storage = [] : storage.removeAll(keepingCapacity: true)
        start = 0
        scanned = 0
    }
}
