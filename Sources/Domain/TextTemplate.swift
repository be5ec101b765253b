/// A text with places to fill in: `Q: {prompt}\nA: {completion}`.
public struct TextTemplate: Sendable, Hashable {
    /// The text as written.
    public var text: String

    /// A template; braces around other words stay as they are.
    public init(_ text: String) { self.text = text }

    /// The text with every `{name}` replaced.
    ///
    /// In one pass, so that a value that holds `{completion}` itself stays what it is.
    public func filled(_ values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            if let name = values.keys.first(where: { rest.hasPrefix("{\($0)}") }) {
                result += values[name] ?? ""
                rest = rest.dropFirst(name.count + 2)
            } else {
                result.append("{")
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
