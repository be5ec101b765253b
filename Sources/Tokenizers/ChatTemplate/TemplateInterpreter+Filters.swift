import Foundation

/// Jinja's filters.
extension TemplateInterpreter {
    /// The parameters of each filter after the value that it is applied to; `nil` where it takes
    /// whatever comes.
    static let filterParameters: [String: [String]?] = {
        var all: [String: [String]?] = [
            "default": ["default_value", "boolean"], "d": ["default_value", "boolean"],
            "tojson": ["ensure_ascii", "indent", "separators", "sort_keys"],
            "join": ["d", "attribute"], "attr": ["name"], "int": ["default", "base"],
            "float": ["default"], "round": ["precision", "method"], "trim": ["chars"],
            "replace": ["s_old", "s_new", "count"], "indent": ["width", "first", "blank"],
            "center": ["width"], "truncate": ["length", "killwords", "end", "leeway"],
            "sort": ["reverse", "case_sensitive", "attribute"],
            "dictsort": ["case_sensitive", "by", "reverse"],
            "unique": ["case_sensitive", "attribute"], "min": ["case_sensitive", "attribute"],
            "max": ["case_sensitive", "attribute"], "sum": ["attribute", "start"],
            "groupby": ["attribute", "default", "case_sensitive"],
            "batch": ["linecount", "fill_with"], "slice": ["slices", "fill_with"],
        ]
        for name in ["format", "map", "select", "reject", "selectattr", "rejectattr"] {
            all.updateValue(nil, forKey: name)
        }
        for name in [
            "safe", "string", "length", "count", "abs", "items", "first", "last", "list", "reverse",
            "upper", "lower", "capitalize", "title", "escape", "e", "forceescape", "wordcount",
        ] {
            all[name] = []
        }
        return all
    }()

    /// The value of `value | name(arguments)`.
    mutating func filter(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        guard let parameters = Self.filterParameters[name] else {
            throw TemplateLexer.failure("uses the filter '\(name)', which is not supported")
        }
        if let parameters { try arguments.check(parameters, of: "the filter '\(name)'") }
        switch name {
        case "default", "d":
            let standard = arguments.value(0, "default_value") ?? .string("")
            if case .undefined = value { return standard }
            let coversFalse = arguments.value(1, "boolean")?.isTrue ?? false
            return coversFalse && !value.isTrue ? standard : value
        case "tojson":
            let layout = try TemplateJSONLayout(arguments)
            return .string(try TemplateText.json(value, layout, budget: budget))
        case "length", "count": return .integer(try length(of: value))
        case "join": return try join(value, arguments)
        case "int", "float", "abs", "round": return try numeric(name, value, arguments)
        case "attr": return try attribute(value, arguments)
        case "first", "last", "list", "reverse", "sort", "unique", "min", "max", "sum", "map",
            "select", "reject", "selectattr", "rejectattr", "dictsort", "groupby", "batch", "slice",
            "items":
            return try sequence(name, value, arguments)
        case "wordcount": return .integer(TemplateStrings.wordCount(try text(of: value)))
        case "indent", "truncate":
            guard value.string != nil else { break }
            return .string(try textual(name, try text(of: value), arguments))
        default: return .string(try textual(name, try text(of: value), arguments))
        }
        throw TemplateLexer.failure("applies '\(name)' to \(value.kind)")
    }

    private func join(
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let separator = try text(of: arguments.value(0, "d") ?? .string(""))
        var items = try items(of: value)
        if let attribute = arguments.value(1, "attribute"), attribute.isGiven {
            items = try items.map { try part(attribute, of: $0) }
        }
        return try join(items, separator: separator)
    }

    private func attribute(
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let name = try text(of: arguments.value(0, "name") ?? .none)
        // Unlike a dot it does not look among a dictionary's entries.
        if case .dictionary = value { return method(name, of: value) ?? .undefined(name) }
        return try field(name, of: value)
    }

    func length(of value: TemplateValue) throws -> Int {
        switch value {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            return text.unicodeScalars.count
        case .list(let list): return list.items.count
        case .dictionary(let dictionary): return dictionary.entries.count
        case .undefined: return 0
        case .loop(let state): return state.items.count
        default: throw TemplateLexer.failure("asks for the length of \(value.kind)")
        }
    }

    /// The part of `value` that a path such as `function.name` names.
    func part(_ path: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
        guard path.integer == nil else { return try element(path, of: value) }
        return try TemplateStrings.split(try text(of: path), by: ".", limit: 16).reduce(value) {
            let place = $1.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($1) : nil
            return try element(place.map { .integer($0) } ?? .string($1), of: $0)
        }
    }

    // MARK: Numbers

    private func numeric(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        if case .undefined(let name) = value {
            throw TemplateLexer.failure("computes with '\(name)', which is undefined")
        }
        let number = value.number ?? value.string.flatMap(TemplateStrings.number)
        switch name {
        case "int":
            let base = arguments.value(1, "base")?.integer ?? 10
            if let whole = value.integer
                ?? value.string.flatMap({ TemplateStrings.whole($0, base) })
            {
                return .integer(whole)
            }
            let whole = number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
            return whole.map { .integer($0) } ?? arguments.value(0, "default") ?? .integer(0)
        case "float":
            return number.map { .number($0) } ?? arguments.value(0, "default") ?? .number(0)
        case "abs":
            if let whole = value.integer, whole != .min { return .integer(abs(whole)) }
            guard let number = value.number else { break }
            return .number(abs(number))
        default:
            guard value.number != nil else { break }
            return try rounded(value, arguments)
        }
        throw TemplateLexer.failure("applies '\(name)' to \(value.kind)")
    }

    private func rounded(
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let precision = min(max(arguments.value(0, "precision")?.integer ?? 0, -300), 300)
        let method = try text(of: arguments.value(1, "method") ?? .string("common"))
        let number = value.number ?? 0
        switch method {
        case "common":
            if let whole = value.integer, precision >= 0 { return .integer(whole) }
            let scale = pow(10, Double(-precision))
            let result =
                precision < 0
                ? (number / scale).rounded(.toNearestOrEven) * scale
                : Double(String(format: "%.\(precision)f", number)) ?? number
            guard value.integer != nil, let whole = Int(exactly: result) else {
                return .number(result)
            }
            return .integer(whole)
        case "ceil", "floor":
            let scale = pow(10, Double(precision))
            let whole = (number * scale).rounded(method == "ceil" ? .up : .down)
            return .number(whole / scale)
        default:
            throw TemplateLexer.failure("rounds by '\(method)'; it can be common, ceil or floor")
        }
    }
}

extension TemplateValue {
    /// Whether an argument was given that is not `none`.
    var isGiven: Bool {
        if case .none = self { false } else { true }
    }
}
