/// GPT-2's spelling of bytes as printable characters, in which byte-level vocabularies are written.
///
/// Printable Latin-1 bytes stand for themselves; the other 68 are U+0100 onwards, in order.
enum ByteAlphabet {
    /// The scalar of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            let isPrintable =
                (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
            defer { next += isPrintable ? 0 : 1 }
            return Unicode.Scalar(isPrintable ? UInt32(byte) : next) ?? " "
        }
    }()

    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
        return table
    }()

    /// Appends the bytes that `token` spells; its own UTF-8 where a character is outside the
    /// alphabet, as added tokens may be.
    static func append(spelledBy token: String, to text: inout [UInt8]) {
        let bytes = bytes
        let start = text.count
        for scalar in token.unicodeScalars {
            guard scalar.value < 0x144, bytes[Int(scalar.value)] >= 0 else {
                text.removeSubrange(start...)
                return text.append(contentsOf: token.utf8)
            }
            text.append(UInt8(bytes[Int(scalar.value)]))
        }
    }
}
