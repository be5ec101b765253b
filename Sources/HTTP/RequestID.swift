/// Values of `x-request-id`.
struct RequestID {
    private let prefix: String
    private var counter: UInt64 = 0

    /// Ids of one server share a random prefix, so that those of two never meet.
    init() {
        prefix = String(UInt64.random(in: 0...UInt64.max), radix: 36) + "-"
    }

    mutating func next() -> String {
        counter &+= 1
        return prefix + String(counter, radix: 36)
    }

    /// Whether a client's id may be echoed and logged.
    static func isSane(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { byte in
                ByteClass.isDigit(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
            }
    }
}
