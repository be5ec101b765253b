import Domain

extension Schema {
    /// The schema in words, as in "must be …" and in the documentation's tables.
    public var phrase: String {
        switch self {
        case .any: "anything"
        case .bool: "true or false"
        case .string: "a string"
        case .text: "a string that is not empty"
        case .name:
            "a name (letters, digits, \".\", \"_\", \"-\"; at most 128; first a letter or digit)"
        case .choice(let words):
            words.count == 1
                ? words.map { "\"\($0)\"" }.joined()
                : "one of \(words.joined(separator: ", "))"
        case .integer(let range): Self.phrase(range)
        case .number(let range):
            range == .any ? "a number" : "a number \(range)"
        case .list(let element, _):
            "a list of \(element.plural)"
        case .object, .openObject, .map: "an object"
        case .oneOf(let alternatives): alternatives.map(\.phrase).joined(separator: " or ")
        case .nullable(let schema): schema.phrase
        case .named(_, let schema): schema.phrase
        }
    }

    private static func phrase(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "a whole number"
        case (let lower, .max): "a whole number, at least \(lower)"
        case (let lower, let upper): "a whole number from \(lower) to \(upper)"
        }
    }

    private var plural: String {
        switch self {
        case .bool: "booleans"
        case .string, .text, .name, .choice: "strings"
        case .integer: "whole numbers"
        case .number: "numbers"
        case .list: "lists"
        case .object, .openObject, .map: "objects"
        case .named(_, let schema), .nullable(let schema): schema.plural
        case .any, .oneOf: "values"
        }
    }

    /// Whether a value of this kind is meant for this schema, right or wrong inside.
    func takesKind(of value: Value) -> Bool {
        switch (self, value) {
        case (.any, _), (.nullable, .null): true
        case (.bool, .bool): true
        case (.string, .string), (.text, .string), (.name, .string), (.choice, .string): true
        case (.integer, .integer), (.number, .integer), (.number, .number): true
        case (.integer, .number): value.integerValue != nil
        case (.object, .object), (.openObject, .object), (.map, .object): true
        case (.list(let element, _), .array(let elements)):
            elements.first.map { element.takesKind(of: $0) } ?? true
        case (.named(_, let schema), _), (.nullable(let schema), _):
            schema.takesKind(of: value)
        case (.oneOf(let alternatives), _):
            alternatives.contains { $0.takesKind(of: value) }
        default: false
        }
    }
}
