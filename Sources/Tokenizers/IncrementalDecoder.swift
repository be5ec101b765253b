/// Decodes tokens as they are sampled: gives out text as soon as its characters are whole.
///
/// What all calls return, joined, equals `decode` of all the tokens at once.
public struct IncrementalDecoder: Sendable {
    private let tokenizer: any Tokenizer
    private let skipsSpecialTokens: Bool
    private var pending: [UInt8] = []

    /// Starts a text.
    public init(_ tokenizer: any Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// Takes the next token; returns the text that is now whole, often empty.
    public mutating func append(_ token: Int32) -> String {
        if skipsSpecialTokens && tokenizer.isSpecial(token) { return "" }
        pending.append(contentsOf: tokenizer.bytes(of: token))
        let whole = pending.count - Self.unfinishedSuffix(pending)
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// Ends the text: bytes of a character that never became whole are U+FFFD.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end start a character that the next bytes may still complete.
    private static func unfinishedSuffix(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let needed = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : 2
            guard lead >= 0xC2, lead <= 0xF4, length < needed else { return 0 }
            let hasValidSecond =
                length == 1 || secondBytes(after: lead).contains(bytes[bytes.count - length + 1])
            return hasValidSecond ? length : 0
        }
        return 0
    }

    /// The bytes that may follow `lead`: no overlong forms, surrogates or numbers over 10FFFF
    /// (Unicode 3.9, table 3-7).
    private static func secondBytes(after lead: UInt8) -> ClosedRange<UInt8> {
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
    }
}
