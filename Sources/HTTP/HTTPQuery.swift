/// The items of a query string in their order, duplicates kept.
public struct HTTPQuery: Sendable, Hashable {
    /// One `name=value`; a name without `=` has an empty value.
    public struct Item: Sendable, Hashable {
        /// The decoded name.
        public let name: String
        /// The decoded value.
        public let value: String
    }

    /// All items in order.
    public private(set) var items: [Item] = []

    /// No items.
    public init() {}

    init(_ raw: UnsafeRawBufferPointer) throws(HTTPParseError) {
        var from = 0
        for index in 0...raw.count where index == raw.count || raw[index] == 0x26 {
            let part = UnsafeRawBufferPointer(rebasing: raw[from..<index])
            from = index + 1
            guard !part.isEmpty else { continue }
            let equals = part.firstIndex(of: 0x3D) ?? part.count
            let value = UnsafeRawBufferPointer(rebasing: part[min(equals + 1, part.count)...])
            items.append(
                Item(
                    name: try PercentCoding.decode(
                        UnsafeRawBufferPointer(rebasing: part[..<equals]),
                        plusIsSpace: true
                    ),
                    value: try PercentCoding.decode(value, plusIsSpace: true)
                )
            )
        }
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Every value of a name, in order.
    public func values(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }
}
