/// A number that was added to a stored type later: text written before has none, which reads as 0.
@propertyWrapper
public struct ZeroIfAbsent: Sendable, Hashable, Codable {
    /// The number.
    public var wrappedValue: Int

    /// A number; 0 unless said.
    public init(wrappedValue: Int = 0) { self.wrappedValue = wrappedValue }

    /// Reads the plain number.
    public init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(Int.self)
    }

    /// Writes the plain number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's own `init(from:)` calls for such a property, the absent ones included.
    public func decode(_ type: ZeroIfAbsent.Type, forKey key: Key) throws -> ZeroIfAbsent {
        try decodeIfPresent(type, forKey: key) ?? ZeroIfAbsent()
    }
}
