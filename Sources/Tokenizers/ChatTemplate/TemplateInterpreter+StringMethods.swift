/// Python's methods of strings.
extension TemplateInterpreter {
    static let stringParameters: [String: Parameters] = {
        var all: [String: Parameters] = [
            "split": Parameters(names: ["sep", "maxsplit"], areNamed: true),
            "rsplit": Parameters(names: ["sep", "maxsplit"], areNamed: true),
            "splitlines": Parameters(names: ["keepends"], areNamed: true),
            "expandtabs": Parameters(names: ["tabsize"], areNamed: true),
            "replace": Parameters(names: ["old", "new", "count"], needed: 2),
            "join": Parameters(names: ["iterable"], needed: 1),
            "zfill": Parameters(names: ["width"], needed: 1), "format": Parameters(names: []),
        ]
        for name in ["strip", "lstrip", "rstrip"] { all[name] = Parameters(names: ["chars"]) }
        for name in ["removeprefix", "removesuffix", "partition", "rpartition"] {
            all[name] = Parameters(names: ["part"], needed: 1)
        }
        for name in ["find", "rfind", "index", "rindex", "count", "startswith", "endswith"] {
            all[name] = Parameters(names: ["part", "start", "end"], needed: 1)
        }
        for name in ["center", "ljust", "rjust"] {
            all[name] = Parameters(names: ["width", "fill"], needed: 1)
        }
        for name in [
            "upper", "lower", "capitalize", "title", "swapcase", "isdigit", "isnumeric",
            "isdecimal", "isalpha", "isalnum", "isspace", "isupper", "islower", "istitle",
            "isascii",
        ] {
            all[name] = Parameters(names: [])
        }
        return all
    }()

    func stringMethod(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try optionalString(arguments.value(0, "chars"), of: name)
            return .string(
                TemplateStrings.trimmed(
                    text,
                    characters,
                    left: name != "rstrip",
                    right: name != "lstrip"
                )
            )
        case "splitlines":
            let keepsEnds = arguments.value(0, "keepends")?.isTrue ?? false
            let lines = TemplateStrings.lines(text, keepingEnds: keepsEnds)
            try budget.spend(lines.count)
            return .items(lines.map { .string($0) })
        case "split", "rsplit": return try split(name, text, arguments)
        case "startswith", "endswith": return .bool(try has(name, text, arguments))
        case "replace": return try replace(text, arguments)
        case "removeprefix", "removesuffix", "partition", "rpartition":
            return try cut(name, text, try string(arguments.value(0, "part"), of: name))
        case "find", "rfind", "index", "rindex", "count":
            return try search(name, text, arguments)
        case "join":
            let parts = try items(of: arguments.value(0, "iterable") ?? .none)
            for part in parts { _ = try string(part, of: "join") }
            return try join(parts, separator: text)
        case "center", "ljust", "rjust", "zfill", "expandtabs":
            return .string(try padded(name, text, arguments))
        default:
            guard let result = TemplateStrings.cased(name, text) else {
                return .bool(TemplateStrings.holds(name, text))
            }
            return .string(result)
        }
    }

    /// The string that a method needs.
    private func string(_ value: TemplateValue?, of method: String) throws -> String {
        guard let text = value?.string else {
            throw TemplateLexer.failure("gives '\(method)' \((value ?? .none).kind) for a string")
        }
        return text
    }

    private func optionalString(_ value: TemplateValue?, of method: String) throws -> String? {
        if case .none? = value { return nil }
        return try value.map { try string($0, of: method) }
    }

    private func integer(_ value: TemplateValue?, of method: String) throws -> Int? {
        guard let value else { return nil }
        if case .none = value { return nil }
        guard let number = value.integer else {
            throw TemplateLexer.failure("gives '\(method)' \(value.kind) for a whole number")
        }
        return number
    }

    private func split(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let given = try integer(arguments.value(1, "maxsplit"), of: name) ?? -1
        let limit = given < 0 ? Int.max : given
        let separator = try optionalString(arguments.value(0, "sep"), of: name)
        guard separator?.isEmpty != true else {
            throw TemplateLexer.failure("splits at an empty string")
        }
        let isFromRight = name == "rsplit" && limit < .max
        var parts: [String]
        if let separator {
            parts = TemplateStrings.split(text, by: separator, limit: isFromRight ? .max : limit)
            if isFromRight, parts.count - 1 > limit {
                let head = parts[..<(parts.count - limit)].joined(separator: separator)
                parts = [head] + parts.suffix(limit)
            }
        } else if isFromRight {
            // From the right, words are those of the mirrored text.
            parts = TemplateStrings.words(TemplateStrings.reversed(text), limit: limit)
                .map(TemplateStrings.reversed).reversed()
        } else {
            parts = TemplateStrings.words(text, limit: limit)
        }
        try budget.spend(parts.count)
        return .items(parts.map { .string($0) })
    }

    /// The scalars of `text` from argument 1 to argument 2, and where they start.
    private func part(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> (text: String, start: Int)? {
        let start = try integer(arguments.value(1, "start"), of: name)
        let end = try integer(arguments.value(2, "end"), of: name)
        guard start != nil || end != nil else { return (text, 0) }
        let scalars = Array(text.unicodeScalars)
        func place(_ bound: Int) -> Int {
            bound < 0 ? max(0, max(bound, -scalars.count) + scalars.count) : bound
        }
        let from = place(start ?? 0)
        let to = min(place(end ?? scalars.count), scalars.count)
        guard from <= scalars.count, from <= to else { return nil }
        return (String(String.UnicodeScalarView(scalars[from..<to])), from)
    }

    private func has(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> Bool {
        let wanted = arguments.value(0, "part") ?? .none
        var options = [wanted]
        if case .list(let list) = wanted, list.isTuple { options = list.items }
        let parts = try options.map { try string($0, of: name) }
        guard let (text, _) = try part(name, text, arguments) else { return false }
        return parts.contains { part in
            name == "startswith"
                ? text.utf8.starts(with: part.utf8)
                : text.utf8.reversed().starts(with: part.utf8.reversed())
        }
    }

    func replace(_ text: String, _ arguments: TemplateArguments) throws -> TemplateValue {
        let old = try string(arguments.value(0, "old"), of: "replace")
        let new = try string(arguments.value(1, "new"), of: "replace")
        let given = try integer(arguments.value(2, "count"), of: "replace") ?? -1
        return .string(try replaced(text, old, new, limit: given < 0 ? .max : given))
    }

    func replaced(_ text: String, _ old: String, _ new: String, limit: Int) throws -> String {
        var parts = TemplateStrings.split(text, by: old, limit: limit)
        if old.isEmpty {
            // Python puts the new text before each character and at the end.
            let scalars = text.unicodeScalars.map { String($0) }
            let count = min(limit, scalars.count + 1)
            let rest = scalars.dropFirst(max(0, count - 1)).joined()
            parts = count == 0 ? [text] : [""] + scalars.prefix(count - 1) + [rest]
        }
        let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: parts.count)
        try charge(bytes: overflow || added > 1 << 40 ? .max : added + text.utf8.count)
        return parts.joined(separator: new)
    }

    private func cut(_ name: String, _ text: String, _ part: String) throws -> TemplateValue {
        switch name {
        case "removeprefix":
            guard !part.isEmpty, text.utf8.starts(with: part.utf8) else { return .string(text) }
            return .string(String(decoding: text.utf8.dropFirst(part.utf8.count), as: UTF8.self))
        case "removesuffix":
            guard !part.isEmpty, text.utf8.reversed().starts(with: part.utf8.reversed()) else {
                return .string(text)
            }
            return .string(String(decoding: text.utf8.dropLast(part.utf8.count), as: UTF8.self))
        default:
            guard !part.isEmpty else { throw TemplateLexer.failure("cuts at an empty string") }
            let parts = TemplateStrings.split(text, by: part, limit: .max)
            guard parts.count > 1 else {
                let rest: [TemplateValue] = [.string(""), .string("")]
                return .tuple(
                    name == "partition" ? [.string(text)] + rest : rest + [.string(text)]
                )
            }
            let place = name == "partition" ? 1 : parts.count - 1
            return .tuple([
                .string(parts[..<place].joined(separator: part)), .string(part),
                .string(parts[place...].joined(separator: part)),
            ])
        }
    }

    private func search(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let wanted = try string(arguments.value(0, "part"), of: name)
        var found: [Int] = []
        var start = 0
        if let (text, from) = try part(name, text, arguments) {
            start = from
            found = TemplateStrings.places(of: wanted, in: text, overlapping: name.hasPrefix("r"))
        }
        if name == "count" { return .integer(found.count) }
        guard let place = name.hasPrefix("r") ? found.last : found.first else {
            if name.hasSuffix("index") {
                throw TemplateLexer.failure("looks for what is not in the string")
            }
            return .integer(-1)
        }
        return .integer(start + place)
    }

    private func padded(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> String {
        if name == "expandtabs" {
            let size = try integer(arguments.value(0, "tabsize"), of: name) ?? 8
            let tabs = text.utf8.count { $0 == 0x09 }
            let (bytes, overflow) = max(0, size).multipliedReportingOverflow(by: tabs)
            try charge(bytes: overflow ? .max : bytes)
            return TemplateStrings.expandingTabs(text, size)
        }
        let width = try integer(arguments.value(0, "width"), of: name) ?? 0
        try charge(bytes: max(0, width))
        if name == "zfill" { return TemplateStrings.zeroFilled(text, width) }
        let fill = try optionalString(arguments.value(1, "fill"), of: name) ?? " "
        guard fill.unicodeScalars.count == 1 else {
            throw TemplateLexer.failure("fills with '\(fill)', which is not one character")
        }
        let side: TemplateStrings.Side =
            name == "ljust" ? .left : name == "rjust" ? .right : .center
        return TemplateStrings.padded(text, width, side, fill)
    }

    func join(_ values: [TemplateValue], separator: String) throws -> TemplateValue {
        let parts = try values.map { try text(of: $0) }
        let size = parts.reduce(0) { $0 + $1.utf8.count }
        let (gaps, overflow) = separator.utf8.count.multipliedReportingOverflow(by: parts.count)
        try charge(bytes: overflow || gaps > 1 << 40 ? .max : size + gaps)
        return .string(parts.joined(separator: separator))
    }
}
