/// The syntax of a `Host` value: a name or address and an optional port (RFC 9110 §7.2).
enum HostField {
    static func isValid(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isValid(UnsafeRawBufferPointer($0)) }
    }

    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty, bytes.allSatisfy(ByteClass.isHost) else { return false }
        var nameEnd = bytes.count
        if bytes[0] == 0x5B {
            guard let close = bytes.firstIndex(of: 0x5D), close > 1 else { return false }
            nameEnd = close + 1
        } else {
            nameEnd = bytes.firstIndex(of: 0x3A) ?? bytes.count
            let hasBracket = bytes[..<nameEnd].contains { $0 == 0x5B || $0 == 0x5D }
            guard nameEnd > 0, !hasBracket else { return false }
        }
        guard nameEnd < bytes.count else { return true }
        let port = bytes[(nameEnd + 1)...]
        return bytes[nameEnd] == 0x3A && port.count <= 5 && port.allSatisfy(ByteClass.isDigit)
    }
}
