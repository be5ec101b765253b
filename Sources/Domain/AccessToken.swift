/// The text of a token: `hone_`, eight characters that tell it from others, `_`, and 256 random bits.
///
/// The eight are no secret: they are shown in lists, and they find the token's digest, so that digests are
/// only ever compared with one another, in constant time.
public struct AccessToken: Sendable, Hashable {
    /// What every token begins with, for those who search for leaked ones.
    public static let prefix = "hone_"
    private static let idDigits = 8
    private static let secretDigits = 64

    /// The eight characters.
    public let id: String
    /// The whole text, which is shown once and stored nowhere.
    public let text: String

    /// Draws a new one from the system's random source.
    public init() {
        id = Self.hexadecimal(UInt64.random(in: 0...UInt64.max)).prefix(Self.idDigits).description
        let secret = (0..<4).map { _ in Self.hexadecimal(UInt64.random(in: 0...UInt64.max)) }
        text = "\(Self.prefix)\(id)_\(secret.joined())"
    }

    /// Reads a text that claims to be one; `nil` when it has not the shape.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let start = Self.prefix.utf8.count
        let middle = start + Self.idDigits
        guard bytes.count == middle + 1 + Self.secretDigits,
            bytes.starts(with: Self.prefix.utf8), bytes[middle] == UInt8(ascii: "_"),
            (bytes[start..<middle] + bytes[(middle + 1)...]).allSatisfy(Self.isDigit)
        else { return nil }
        id = String(decoding: bytes[start..<middle], as: UTF8.self)
        self.text = text
    }

    /// What is stored in its place.
    public var digest: [UInt8] { SHA256.digest(text.utf8) }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
