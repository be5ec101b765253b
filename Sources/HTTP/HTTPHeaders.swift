/// Header fields in their order, duplicates kept, names compared without case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One field; `name` is lower-case.
    public struct Field: Sendable, Hashable {
        /// The name in lower case.
        public let name: String
        /// The value without surrounding blanks.
        public let value: String
    }

    /// All fields in the order they came.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() {}

    /// Fields in the literal's order.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// The first value of a name, whatever its case.
    public subscript(name: String) -> String? {
        get { first(lowercased: name.lowercased()) }
        set {
            let name = name.lowercased()
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Every value of a name, in order.
    public func values(_ name: String) -> [String] {
        let name = name.lowercased()
        return fields.filter { $0.name == name }.map(\.value)
    }

    /// Adds a field after those that exist.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// The elements of a comma-separated list field, lower-case, over all its lines (RFC 9110 §5.6.1).
    public func tokens(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }
            .map { $0.trimmingBlanks().lowercased() }
            .filter { !$0.isEmpty }
    }

    func first(lowercased name: String) -> String? {
        for field in fields where field.name == name { return field.value }
        return nil
    }

    mutating func append(lowercased name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let head = drop(while: isBlank)
        guard let last = head.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(head[...last])
    }
}
