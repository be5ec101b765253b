/// A list that was added to a stored type later: text written before has none, which reads as empty.
@propertyWrapper
public struct EmptyIfAbsent<Element: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
    /// The list.
    public var wrappedValue: [Element]

    /// A list; empty unless said.
    public init(wrappedValue: [Element] = []) { self.wrappedValue = wrappedValue }

    /// Reads the plain list.
    public init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode([Element].self)
    }

    /// Writes the plain list.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's own `init(from:)` calls for such a property, the absent ones included.
    public func decode<Element>(
        _ type: EmptyIfAbsent<Element>.Type,
        forKey key: Key
    ) throws -> EmptyIfAbsent<Element> {
        try decodeIfPresent(type, forKey: key) ?? EmptyIfAbsent()
    }
}
