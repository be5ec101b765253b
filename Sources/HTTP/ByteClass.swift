/// Which bytes may stand where in a message head.
enum ByteClass {
    /// A character of a token (RFC 9110 §5.6.2).
    static func isToken(_ byte: UInt8) -> Bool { table[Int(byte)] & 1 != 0 }
    /// A character of a field value: visible, blank or obs-text (RFC 9110 §5.5).
    static func isFieldValue(_ byte: UInt8) -> Bool { table[Int(byte)] & 2 != 0 }
    /// A character of a request target (RFC 3986 §2): visible ASCII but `"#<>\^`{|}`.
    static func isTarget(_ byte: UInt8) -> Bool { table[Int(byte)] & 4 != 0 }
    /// A character of a host's name (RFC 3986 §3.2.2), but the comma that two joined fields have.
    static func isHost(_ byte: UInt8) -> Bool { table[Int(byte)] & 8 != 0 }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static let table: [UInt8] = (0...255).map { (value: Int) -> UInt8 in
        let byte = UInt8(value)
        let isAlphanumeric =
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
        var classes: UInt8 = 0
        if isAlphanumeric || Array("!#$%&'*+-.^_`|~".utf8).contains(byte) { classes |= 1 }
        if byte == 0x09 || (byte >= 0x20 && byte != 0x7F) { classes |= 2 }
        if byte > 0x20 && byte < 0x7F && !Array("\"#<>\\^`{|}".utf8).contains(byte) {
            classes |= 4
        }
        if isAlphanumeric || Array("-._~!$&'()*+;=%".utf8).contains(byte) { classes |= 8 }
        return classes
    }
}
