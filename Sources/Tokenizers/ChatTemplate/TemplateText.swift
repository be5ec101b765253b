/// Writes values as Python prints them, or as JSON.
struct TemplateText {
    /// How JSON is laid out; `nil` prints as Python does.
    var jsonIndent: Int??
    private(set) var text = ""
    /// Pays for each part, so that values that share parts cannot grow without limit.
    private let budget: TemplateInterpreter.Budget

    private init(jsonIndent: Int??, budget: TemplateInterpreter.Budget) {
        self.jsonIndent = jsonIndent
        self.budget = budget
    }

    /// The text of Python's `str(value)`.
    static func plain(
        _ value: TemplateValue,
        budget: TemplateInterpreter.Budget
    ) throws -> String {
        switch value {
        case .string(let text): return text
        case .undefined: return ""
        default:
            var writer = Self(jsonIndent: nil, budget: budget)
            try writer.write(value, level: 0)
            return writer.text
        }
    }

    /// The text of `json.dumps(value, ensure_ascii=False, indent=indent)`.
    static func json(
        _ value: TemplateValue,
        indent: Int?,
        budget: TemplateInterpreter.Budget
    ) throws -> String {
        var writer = Self(jsonIndent: .some(indent), budget: budget)
        try writer.write(value, level: 0)
        return writer.text
    }

    private var isJSON: Bool { jsonIndent != nil }

    private mutating func put(_ part: String) throws {
        try budget.spend(part.utf8.count / 16 + 1)
        text += part
    }

    private mutating func write(_ value: TemplateValue, level: Int) throws {
        switch value {
        case .undefined(let name):
            guard !isJSON else {
                throw TemplateLexer.failure("writes '\(name)', which is undefined, as JSON")
            }
        case .none: try put(isJSON ? "null" : "None")
        case .bool(let value):
            try put(isJSON ? (value ? "true" : "false") : (value ? "True" : "False"))
        case .integer(let value): try put(String(value))
        case .number(let value): try put(Self.text(of: value))
        case .string(let value): try put(isJSON ? Self.jsonString(value) : Self.pythonString(value))
        case .list(let list):
            try enclose("[", "]", list.items, level) { try $0.write($1, level: level + 1) }
        case .dictionary(let dictionary):
            try enclose("{", "}", dictionary.entries, level) { writer, entry in
                try writer.write(.string(entry.key), level: level)
                try writer.put(": ")
                try writer.write(entry.value, level: level + 1)
            }
        case .namespace: try put("<Namespace>")
        case .function(let name): try put("<function \(name)>")
        case .macro(let macro): try put("<Macro '\(macro.name)'>")
        }
    }

    private mutating func enclose<Item>(
        _ open: String,
        _ close: String,
        _ items: [Item],
        _ level: Int,
        _ write: (inout Self, Item) throws -> Void
    ) throws {
        try put(open)
        var isFirst = true
        for item in items {
            if let indent = jsonIndent ?? nil {
                try put(isFirst ? "\n" : ",\n")
                try put(String(repeating: " ", count: indent * (level + 1)))
            } else if !isFirst {
                try put(", ")
            }
            isFirst = false
            try write(&self, item)
        }
        if let indent = jsonIndent ?? nil, !items.isEmpty {
            try put("\n" + String(repeating: " ", count: indent * level))
        }
        try put(close)
    }

    /// Python's shortest text of a number: 1.0, 0.1, 1e+20, inf.
    private static func text(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), abs(value) < 1e16 { return "\(Int(value)).0" }
        return "\(value)"
    }

    private static func jsonString(_ text: String) -> String {
        var json = JSONText()
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func pythonString(_ text: String) -> String {
        let hasSingle = text.utf8.contains(0x27)
        let quote: Unicode.Scalar = hasSingle && !text.utf8.contains(0x22) ? "\"" : "'"
        var result = String.UnicodeScalarView([quote])
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case quote: result.append(contentsOf: ["\\", quote])
            default: result.append(scalar)
            }
        }
        result.append(quote)
        return String(result)
    }
}
