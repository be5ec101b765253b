/// Bytes made and not yet sent.
struct OutputBuffer: Sendable {
    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func withBytes(_ body: (inout [UInt8]) -> Void) { body(&storage) }

    func withUnsent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    mutating func drop(_ length: Int) {
        start += Swift.min(length, count)
        guard start == storage.count else { return }
        storage.capacity > 16 * 1024 ? storage = [] : storage.removeAll(keepingCapacity: true)
        start = 0
    }
}
