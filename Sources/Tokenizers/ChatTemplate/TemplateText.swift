/// Writes values as Python prints them, or as JSON.
struct TemplateText {
    /// How JSON is laid out; `nil` writes as Python prints.
    private let json: TemplateJSONLayout?
    private(set) var text = ""
    /// Pays for each part, so that values that share parts cannot grow without limit.
    private let budget: TemplateInterpreter.Budget

    private init(json: TemplateJSONLayout?, budget: TemplateInterpreter.Budget) {
        self.json = json
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
            return try quoted(value, budget: budget)
        }
    }

    /// The text of Python's `repr(value)`.
    static func quoted(
        _ value: TemplateValue,
        budget: TemplateInterpreter.Budget
    ) throws -> String {
        try written(value, nil, budget: budget)
    }

    /// The text of `json.dumps(value)` in a layout.
    static func json(
        _ value: TemplateValue,
        _ layout: TemplateJSONLayout,
        budget: TemplateInterpreter.Budget
    ) throws -> String {
        try written(value, layout, budget: budget)
    }

    private static func written(
        _ value: TemplateValue,
        _ layout: TemplateJSONLayout?,
        budget: TemplateInterpreter.Budget
    ) throws -> String {
        var writer = Self(json: layout, budget: budget)
        try writer.write(value, level: 0)
        return writer.text
    }

    private var isJSON: Bool { json != nil }

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
            try put("Undefined")
        case .none: try put(isJSON ? "null" : "None")
        case .bool(let value):
            try put(isJSON ? (value ? "true" : "false") : (value ? "True" : "False"))
        case .integer(let value): try put(String(value))
        case .number(let value): try put(isJSON ? Self.json(of: value) : Self.text(of: value))
        case .string(let value):
            try put(json.map { $0.string(value) } ?? Self.pythonString(value))
        case .list(let list):
            let isTuple = list.isTuple && !isJSON
            let close = isTuple ? (list.items.count == 1 ? ",)" : ")") : "]"
            try enclose(isTuple ? "(" : "[", close, list.items, level) {
                try $0.write($1, level: level + 1)
            }
        case .dictionary(let dictionary):
            try enclose("{", "}", json?.sorted(dictionary.entries) ?? dictionary.entries, level) {
                try $0.write(.string($1.key), level: level)
                try $0.put($0.json?.keySeparator ?? ": ")
                try $0.write($1.value, level: level + 1)
            }
        default: try writeOpaque(value)
        }
    }

    /// What has no text of its own is named where Python names it, and is never JSON.
    private mutating func writeOpaque(_ value: TemplateValue) throws {
        guard !isJSON else { throw TemplateLexer.failure("writes \(value.kind) as JSON") }
        switch value {
        case .namespace(let namespace):
            let fields = TemplateValue.dictionary(namespace.fields)
            try put("<Namespace \(Self.quoted(fields, budget: budget))>")
        case .function(let name): try put("<function \(name)>")
        case .macro(let closure): try put("<Macro '\(closure.macro.name)'>")
        case .loop(let state):
            try put("<LoopContext \(state.index + 1)/\(state.items.count)>")
        default: throw TemplateLexer.failure("writes \(value.kind) as text")
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
        let separator = json?.itemSeparator ?? ", "
        for (index, item) in items.enumerated() {
            if index > 0 { try put(separator) }
            if let indent = json?.indent {
                try put("\n" + String(repeating: indent, count: level + 1))
            }
            try write(&self, item)
        }
        if let indent = json?.indent, !items.isEmpty {
            try put("\n" + String(repeating: indent, count: level))
        }
        try put(close)
    }

    /// Python's shortest text of a number: 1.0, 0.1, 1e+20, inf.
    static func text(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), abs(value) < 1e16 {
            return (value.sign == .minus ? "-" : "") + "\(Int(abs(value))).0"
        }
        return "\(value)"
    }

    /// Numbers that JSON lacks are written as Python does.
    private static func json(of value: Double) -> String {
        guard !value.isFinite else { return text(of: value) }
        return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
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
            default:
                result.append(
                    contentsOf: Self.escape(scalar)?.unicodeScalars ?? String(scalar).unicodeScalars
                )
            }
        }
        result.append(quote)
        return String(result)
    }

    /// Python's escape of a scalar that cannot be printed.
    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            break
        case .spaceSeparator where scalar != " ": break
        default: return nil
        }
        let (letter, width) =
            scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + TemplateStrings.zeroFilled(String(scalar.value, radix: 16), width)
    }
}
