import Foundation

extension TemplateInterpreter {
    /// The value of `value | name(arguments)`.
    mutating func filter(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch name {
        case "default", "d":
            let standard = arguments.value(0, "default_value") ?? .string("")
            if case .undefined = value { return standard }
            let coversFalse = arguments.value(1, "boolean")?.isTrue ?? false
            return coversFalse && !value.isTrue ? standard : value
        case "tojson":
            let indent = arguments.value(0, "indent")?.integer.map { min(max($0, 0), 16) }
            return .string(try TemplateText.json(value, indent: indent, budget: budget))
        case "safe", "string": return .string(try text(of: value))
        case "length", "count": return .integer(try length(of: value))
        case "join":
            let separator = try text(of: arguments.value(0, "d") ?? .string(""))
            guard let attribute = arguments.value(1, "attribute") else {
                return try join(value, separator: separator)
            }
            let fields = try items(of: value).map { try part(attribute, of: $0) }
            return try join(.items(fields), separator: separator)
        case "int", "float", "abs", "round": return try numeric(name, value, arguments)
        case "items":
            guard case .dictionary(let dictionary) = value else { return .items([]) }
            return try items(dictionary)
        case "first", "last", "list", "reverse", "sort", "unique", "min", "max", "sum", "map",
            "select", "reject", "selectattr", "rejectattr", "dictsort":
            return try sequence(name, value, arguments)
        default: return try textual(name, try text(of: value), arguments)
        }
    }

    private func textual(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        try charge(bytes: text.utf8.count)
        switch name {
        case "trim":
            return .string(TemplateStrings.trimmed(text, arguments.value(0, "chars")?.string))
        case "upper", "lower", "capitalize", "title":
            return try method(name, of: .string(text), TemplateArguments())
        case "replace": return try replace(text, arguments)
        case "escape", "e": return .string(Self.escaped(text))
        case "indent": return .string(try indented(text, arguments))
        default: throw TemplateLexer.failure("uses the filter '\(name)', which is not supported")
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        let names: [Unicode.Scalar: String] = [
            "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&#34;", "'": "&#39;",
        ]
        for scalar in text.unicodeScalars {
            result.append(contentsOf: (names[scalar] ?? String(scalar)).unicodeScalars)
        }
        return String(result)
    }

    private func indented(_ text: String, _ arguments: TemplateArguments) throws -> String {
        let width = min(max(arguments.value(0, "width")?.integer ?? 4, 0), 64)
        let indentsFirst = arguments.value(1, "first")?.isTrue ?? false
        let indentsBlank = arguments.value(2, "blank")?.isTrue ?? false
        let margin = String(repeating: " ", count: width)
        let lines = TemplateStrings.split(text, by: "\n", limit: .max)
        try charge(bytes: lines.count * (width + 1))
        return lines.enumerated().map { index, line in
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            return isIndented ? margin + line : line
        }.joined(separator: "\n")
    }

    func length(of value: TemplateValue) throws -> Int {
        switch value {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            return text.unicodeScalars.count
        case .list(let list): return list.items.count
        case .dictionary(let dictionary): return dictionary.entries.count
        case .undefined: return 0
        default: throw TemplateLexer.failure("asks for the length of \(value.kind)")
        }
    }

    private func numeric(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let number =
            value.number ?? value.string.flatMap { Double(TemplateStrings.trimmed($0, nil)) }
        switch name {
        case "int":
            if let whole = value.integer { return .integer(whole) }
            let whole = number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
            return whole.map { .integer($0) } ?? arguments.value(0, "default") ?? .integer(0)
        case "float":
            return number.map { .number($0) } ?? arguments.value(0, "default") ?? .number(0)
        case "abs":
            if let whole = value.integer, whole != .min { return .integer(abs(whole)) }
            guard let number else { break }
            return .number(abs(number))
        default:
            guard let number else { break }
            let scale = pow(10, Double(arguments.value(0, "precision")?.integer ?? 0))
            return .number((number * scale).rounded(.toNearestOrEven) / scale)
        }
        throw TemplateLexer.failure("applies '\(name)' to \(value.kind)")
    }

    /// The part of `value` that a path such as `function.name` names.
    private func part(_ path: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
        if let index = path.integer, case .list(let list) = value {
            return list.items.indices.contains(index) ? list.items[index] : .undefined("\(index)")
        }
        var found = value
        for name in TemplateStrings.split(try text(of: path), by: ".", limit: 16) {
            guard case .dictionary(let dictionary) = found else { return .undefined(name) }
            found = dictionary[name] ?? .undefined(name)
        }
        return found
    }

    // MARK: Lists

    private mutating func sequence(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        if name == "reverse", case .string(let text) = value {
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        }
        // Jinja's mapping and selecting filters take whatever is false as nothing.
        let takesFalse = name == "map" || name.hasPrefix("select") || name.hasPrefix("reject")
        let items = takesFalse && !value.isTrue ? [] : try items(of: value)
        try budget.spend(items.count)
        switch name {
        case "first": return items.first ?? .undefined("the first of nothing")
        case "last": return items.last ?? .undefined("the last of nothing")
        case "list": return .items(items)
        case "reverse": return .items(items.reversed())
        case "map": return .items(try map(items, arguments))
        case "select", "reject", "selectattr", "rejectattr":
            return .items(try select(name, items, arguments))
        case "sort", "min", "max", "dictsort": return try ordered(name, value, items, arguments)
        case "unique":
            var found: [TemplateValue] = []
            for item in items where !(try contains(.items(found), item)) { found.append(item) }
            return .items(found)
        default:
            return try items.reduce(arguments.value(1, "start") ?? .integer(0)) { sum, item in
                let term =
                    try arguments.value(0, "attribute").map { try part($0, of: item) } ?? item
                return try arithmetic(sum, "+", term)
            }
        }
    }

    private func ordered(
        _ name: String,
        _ value: TemplateValue,
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        if name == "dictsort", case .dictionary(let dictionary) = value {
            let sorted = dictionary.entries.sorted { $0.key.lowercased() < $1.key.lowercased() }
            return try self.items(TemplateDictionary(sorted.map { ($0.key, $0.value) }))
        }
        let attribute =
            name == "sort" ? arguments.value(2, "attribute") : arguments.value(1, "attribute")
        func key(_ item: TemplateValue) throws -> TemplateValue {
            let key = try attribute.map { try part($0, of: item) } ?? item
            return key.string.map { .string($0.lowercased()) } ?? key
        }
        var sorted = try items.sorted { try isLess(try key($0), try key($1)) }
        if name == "min" { return sorted.first ?? .undefined("the least of nothing") }
        if name == "max" { return sorted.last ?? .undefined("the most of nothing") }
        if arguments.value(0, "reverse")?.isTrue == true { sorted.reverse() }
        return .items(sorted)
    }

    private mutating func map(
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        if let attribute = arguments.named.first(where: { $0.name == "attribute" })?.value {
            let standard = arguments.named.first { $0.name == "default" }?.value
            return try items.map { item in
                let found = try part(attribute, of: item)
                if case .undefined = found, let standard { return standard }
                return found
            }
        }
        let name = try text(of: arguments.value(0, "filter") ?? .string(""))
        var rest = arguments
        rest.positional = Array(arguments.positional.dropFirst())
        return try items.map { try filter(name, $0, rest) }
    }

    private func select(
        _ name: String,
        _ items: [TemplateValue],
        _ arguments: TemplateArguments
    ) throws -> [TemplateValue] {
        let usesAttribute = name.hasSuffix("attr")
        let wanted = name.hasPrefix("select")
        var rest = arguments
        let attribute = usesAttribute ? rest.positional.first : nil
        rest.positional = Array(rest.positional.dropFirst(usesAttribute ? 1 : 0))
        let testName = rest.positional.first?.string
        rest.positional = Array(rest.positional.dropFirst())
        return try items.filter { item in
            let value = try attribute.map { try part($0, of: item) } ?? item
            let holds = try testName.map { try test($0, value, rest) } ?? value.isTrue
            return holds == wanted
        }
    }
}
