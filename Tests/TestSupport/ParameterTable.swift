public import Domain

/// The table of parameters in pages of the documentation.
public enum ParameterTable {
    /// A row for each, in Markdown.
    public static func markdown(_ parameters: [ParameterDescription]) -> String {
        let rows = parameters.map { parameter in
            "| `\(parameter.name)` | \(text(parameter.defaultValue)) | \(range(parameter)) | "
                + "\(parameter.meaning) |"
        }
        return (["| name | default | range | meaning |", "|---|---|---|---|"] + rows)
            .joined(separator: "\n")
    }

    /// A default in words.
    public static func text(_ value: Value?) -> String {
        switch value {
        case nil: "required"
        case .null: "none"
        case .bool(let truth): "\(truth)"
        case .string(let text): text
        case .array(let list): list.isEmpty ? "none" : list.map(text).joined(separator: ", ")
        case .object(let fields):
            fields.sorted { $0.key < $1.key }
                .map { $0.key == "name" ? text($0.value) : "\($0.key) \(text($0.value))" }
                .joined(separator: ", ")
        case .some(let number):
            number.integerValue.map { "\($0)" } ?? "\(number.doubleValue ?? .nan)"
        }
    }

    private static func range(_ parameter: ParameterDescription) -> String {
        switch parameter.kind {
        case .number(let range): "\(range)"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .bool: "true, false"
        case .string: "a text"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .numbers(let range): "numbers \(range)"
        case .nested: "an object"
        }
    }
}
