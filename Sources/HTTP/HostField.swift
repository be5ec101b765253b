/// The syntax of a `Host` value: a name or address and an optional port (RFC 9110 §7.2).
enum HostField {
    static func isValid(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isValid(UnsafeRawBufferPointer($0)) }
    }

    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return false }
        let end =
            first == 0x5B ? endOfAddress(bytes) : bytes.firstIndex(of: 0x3A) ?? bytes.count
        guard let end, end > 0 else { return false }
        if first != 0x5B {
            guard isName(UnsafeRawBufferPointer(rebasing: bytes[..<end])) else { return false }
        }
        guard end < bytes.count else { return true }
        return bytes[end] == 0x3A
            && isPort(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...]))
    }

    /// A registered name, which IPv4 addresses are too (RFC 3986 §3.2.2).
    private static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for (index, byte) in bytes.enumerated() {
            guard ByteClass.isHost(byte) else { return false }
            guard byte == 0x25 else { continue }
            guard index + 2 < bytes.count, ByteClass.hexValue(bytes[index + 1]) != nil,
                ByteClass.hexValue(bytes[index + 2]) != nil
            else { return false }
        }
        return true
    }

    /// Where `[IPv6]` ends; nil if it is none.
    private static func endOfAddress(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let close = bytes.firstIndex(of: 0x5D) else { return nil }
        let address = bytes[1..<close]
        let isAddress = address.allSatisfy {
            ByteClass.hexValue($0) != nil || $0 == 0x3A || $0 == 0x2E
        }
        let colons = address.count { $0 == 0x3A }
        return isAddress && (2...7).contains(colons) ? close + 1 : nil
    }

    /// A port may be empty, and is no more than 65,535.
    private static func isPort(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= 5, bytes.allSatisfy(ByteClass.isDigit) else { return false }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }
}
