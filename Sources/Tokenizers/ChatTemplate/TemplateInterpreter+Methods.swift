extension TemplateInterpreter {
    /// The value of `object.name(arguments)`.
    func method(
        _ name: String,
        of object: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch object {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            return try stringMethod(name, text, arguments)
        case .dictionary(let dictionary):
            return try dictionaryMethod(name, dictionary, arguments)
        case .namespace(let namespace):
            return try dictionaryMethod(name, namespace.fields, arguments)
        case .list(let list) where name == "count" || name == "index":
            let wanted = arguments.value(0, "value") ?? .none
            let places = try list.items.indices.filter { try equals(list.items[$0], wanted) }
            if name == "count" { return .integer(places.count) }
            guard let place = places.first else {
                throw TemplateLexer.failure("looks for what is not in the list")
            }
            return .integer(place)
        default:
            throw TemplateLexer.failure(
                "calls '\(name)' of \(object.kind), which has no such method"
            )
        }
    }

    private func dictionaryMethod(
        _ name: String,
        _ dictionary: TemplateDictionary,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        try budget.spend(dictionary.entries.count)
        switch name {
        case "get":
            let key = try text(of: arguments.value(0, "key") ?? .none)
            return dictionary[key] ?? arguments.value(1, "default") ?? .none
        case "keys": return .items(dictionary.entries.map { .string($0.key) })
        case "values": return .items(dictionary.entries.map(\.value))
        case "items": return try items(dictionary)
        default:
            throw TemplateLexer.failure("calls '\(name)' of a dictionary, which has no such method")
        }
    }

    func items(_ dictionary: TemplateDictionary) throws -> TemplateValue {
        .items(
            try dictionary.entries.map { entry in
                .items([.string(entry.key), try contained(entry.value)])
            }
        )
    }

    private func stringMethod(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let first = arguments.value(0, "sep")?.string
        switch name {
        case "strip": return .string(TemplateStrings.trimmed(text, first))
        case "lstrip": return .string(TemplateStrings.trimmed(text, first, right: false))
        case "rstrip": return .string(TemplateStrings.trimmed(text, first, left: false))
        case "upper": return .string(text.uppercased())
        case "lower": return .string(text.lowercased())
        case "capitalize": return .string(TemplateStrings.capitalized(text))
        case "title": return .string(TemplateStrings.title(text))
        case "splitlines": return .items(TemplateStrings.lines(text).map { .string($0) })
        case "split", "rsplit": return try split(name, text, arguments)
        case "startswith", "endswith": return .bool(try has(name, text, arguments))
        case "replace": return try replace(text, arguments)
        case "removeprefix":
            let has = first.map { text.utf8.starts(with: $0.utf8) } ?? false
            return .string(
                has ? String(text.unicodeScalars.dropFirst(first?.unicodeScalars.count ?? 0)) : text
            )
        case "removesuffix":
            let has = first.map { text.utf8.reversed().starts(with: $0.utf8.reversed()) } ?? false
            return .string(
                has ? String(text.unicodeScalars.dropLast(first?.unicodeScalars.count ?? 0)) : text
            )
        case "find", "index", "rfind", "count": return try search(name, text, first ?? "")
        case "format": return try format(text, arguments.positional)
        case "join": return try join(arguments.value(0, "iterable") ?? .none, separator: text)
        case "isdigit", "isnumeric", "isdecimal":
            let all = text.unicodeScalars.allSatisfy { $0.properties.numericType != nil }
            return .bool(!text.isEmpty && all)
        case "isalpha":
            let all = text.unicodeScalars.allSatisfy {
                CharacterClass.of($0.value).contains(.letter)
            }
            return .bool(!text.isEmpty && all)
        case "isspace":
            return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(TemplateStrings.isSpace))
        case "isupper": return .bool(text == text.uppercased() && text != text.lowercased())
        case "islower": return .bool(text == text.lowercased() && text != text.uppercased())
        default:
            throw TemplateLexer.failure(
                "calls '\(name)' of a string, which has no such method here"
            )
        }
    }

    /// `text.format(…)` for fields without a name or layout.
    private func format(_ text: String, _ values: [TemplateValue]) throws -> TemplateValue {
        let parts = TemplateStrings.split(text, by: "{}", limit: .max)
        guard parts.count - 1 <= values.count,
            !parts.contains(where: { $0.utf8.contains(0x7B) || $0.utf8.contains(0x7D) })
        else { throw TemplateLexer.failure("formats by '\(text)', which is not supported") }
        var result = parts[0]
        for (part, value) in zip(parts.dropFirst(), values) {
            result += try self.text(of: value) + part
            try charge(bytes: result.utf8.count)
        }
        return .string(result)
    }

    private func split(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let given = arguments.value(1, "maxsplit")?.integer ?? -1
        let limit = given < 0 ? Int.max : given
        let separator = arguments.value(0, "sep")?.string
        guard separator?.isEmpty != true else {
            throw TemplateLexer.failure("splits at an empty string")
        }
        var parts: [String]
        if let separator {
            let isFromRight = name == "rsplit" && limit < .max
            parts = TemplateStrings.split(text, by: separator, limit: isFromRight ? .max : limit)
            if isFromRight, parts.count > limit + 1 {
                let head = parts[..<(parts.count - limit)].joined(separator: separator)
                parts = [head] + parts.suffix(limit)
            }
        } else {
            parts = TemplateStrings.words(text, limit: limit)
        }
        try budget.spend(parts.count)
        return .items(parts.map { .string($0) })
    }

    private func has(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> Bool {
        guard let wanted = arguments.value(0, "prefix") else { return false }
        let options: [TemplateValue]
        if case .list(let list) = wanted { options = list.items } else { options = [wanted] }
        for option in options {
            guard let part = option.string else {
                throw TemplateLexer.failure("calls '\(name)' with \(option.kind)")
            }
            let isThere =
                name == "startswith"
                ? text.utf8.starts(with: part.utf8)
                : text.utf8.reversed().starts(with: part.utf8.reversed())
            if isThere { return true }
        }
        return false
    }

    func replace(_ text: String, _ arguments: TemplateArguments) throws -> TemplateValue {
        guard let old = arguments.value(0, "old")?.string,
            let new = arguments.value(1, "new")?.string
        else { throw TemplateLexer.failure("replaces what is not a string") }
        guard !old.isEmpty else { throw TemplateLexer.failure("replaces an empty string") }
        let given = arguments.value(2, "count")?.integer ?? -1
        let parts = TemplateStrings.split(text, by: old, limit: given < 0 ? .max : given)
        let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: parts.count)
        try charge(bytes: overflow ? .max : added)
        return .string(parts.joined(separator: new))
    }

    private func search(_ name: String, _ text: String, _ part: String) throws -> TemplateValue {
        let bytes = Array(text.utf8)
        let places = TemplateStrings.occurrences(of: Array(part.utf8), in: bytes)
        if name == "count" { return .integer(places.count) }
        guard let place = part.isEmpty ? 0 : name == "rfind" ? places.last : places.first else {
            if name == "index" {
                throw TemplateLexer.failure("looks for what is not in the string")
            }
            return .integer(-1)
        }
        return .integer(String(decoding: bytes[..<place], as: UTF8.self).unicodeScalars.count)
    }

    func join(_ value: TemplateValue, separator: String) throws -> TemplateValue {
        let parts = try items(of: value).map { try text(of: $0) }
        let size = parts.reduce(0) { $0 + $1.utf8.count }
        let (gaps, overflow) = separator.utf8.count.multipliedReportingOverflow(by: parts.count)
        try charge(bytes: overflow || gaps > 1 << 40 ? .max : size + gaps)
        return .string(parts.joined(separator: separator))
    }
}
