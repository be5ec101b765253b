/// Filters that make text of text.
extension TemplateInterpreter {
    func textual(
        _ name: String,
        _ text: String,
        _ arguments: TemplateArguments
    ) throws -> String {
        try charge(bytes: text.utf8.count)
        switch name {
        case "safe", "string": return text
        case "trim":
            let characters = arguments.value(0, "chars")
            guard let characters, characters.isGiven else {
                return TemplateStrings.trimmed(text, nil)
            }
            guard let set = characters.string else {
                throw TemplateLexer.failure("trims \(characters.kind)")
            }
            return TemplateStrings.trimmed(text, set)
        case "title": return TemplateStrings.titledWords(text)
        case "replace":
            let old = try self.text(of: try needed(arguments.value(0, "s_old"), name))
            let new = try self.text(of: try needed(arguments.value(1, "s_new"), name))
            let count = arguments.value(2, "count")?.integer ?? -1
            return try replaced(text, old, new, limit: count < 0 ? .max : count)
        case "escape", "e", "forceescape": return Self.escaped(text)
        case "indent": return try indented(text, arguments)
        case "center":
            let width = arguments.value(0, "width")?.integer ?? 80
            try charge(bytes: max(0, width))
            return TemplateStrings.padded(text, width, .center, " ")
        case "format":
            guard arguments.positional.isEmpty || arguments.named.isEmpty else {
                throw TemplateLexer.failure("formats by arguments both by place and by name")
            }
            let fields = TemplateDictionary(arguments.named.map { ($0.name, $0.value) })
            let values =
                arguments.named.isEmpty
                ? TemplateValue.tuple(arguments.positional) : .dictionary(fields)
            return try TemplateFormat.percent(text, values, self)
        case "truncate": return try truncated(text, arguments)
        default: return TemplateStrings.cased(name, text) ?? text
        }
    }

    private func needed(_ value: TemplateValue?, _ filter: String) throws -> TemplateValue {
        guard let value else {
            throw TemplateLexer.failure("gives the filter '\(filter)' too few arguments")
        }
        return value
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
        let width = arguments.value(0, "width") ?? .integer(4)
        let count = max(0, width.integer ?? 0)
        let indentsFirst = arguments.value(1, "first")?.isTrue ?? false
        let indentsBlank = arguments.value(2, "blank")?.isTrue ?? false
        let lines = TemplateStrings.lines(text + "\n")
        let (bytes, overflow) = lines.count.multipliedReportingOverflow(
            by: width.string?.utf8.count ?? count
        )
        try charge(bytes: overflow ? .max : bytes)
        let margin = width.string ?? String(repeating: " ", count: count)
        return lines.enumerated().map { index, line in
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            return isIndented ? margin + line : line
        }.joined(separator: "\n")
    }

    private func truncated(_ text: String, _ arguments: TemplateArguments) throws -> String {
        let length = arguments.value(0, "length")?.integer ?? 255
        let cutsWords = arguments.value(1, "killwords")?.isTrue ?? false
        let end = try self.text(of: arguments.value(2, "end") ?? .string("..."))
        let leeway = arguments.value(3, "leeway").flatMap(\.integer) ?? 5
        let scalars = Array(text.unicodeScalars)
        let endLength = end.unicodeScalars.count
        guard length >= endLength, leeway >= 0 else {
            throw TemplateLexer.failure(
                "truncates to \(length), which is less than the end's length"
            )
        }
        let (longest, overflow) = length.addingReportingOverflow(leeway)
        if overflow || scalars.count <= longest { return text }
        let kept = String(String.UnicodeScalarView(scalars.prefix(length - endLength)))
        if cutsWords { return kept + end }
        let words = TemplateStrings.split(kept, by: " ", limit: .max)
        return (words.count > 1 ? words.dropLast().joined(separator: " ") : kept) + end
    }
}
