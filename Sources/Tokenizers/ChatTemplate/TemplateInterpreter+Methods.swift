extension TemplateInterpreter {
    /// The method `name` of `value`, not called; `nil` where it has none.
    func method(_ name: String, of value: TemplateValue) -> TemplateValue? {
        let has =
            switch value {
            case .string: Self.stringParameters[name] != nil
            case .dictionary: Self.dictionaryParameters[name] != nil
            case .list(let list):
                Self.listParameters[name] != nil && !(list.isTuple && name == "copy")
            case .loop: TemplateLoopState.methods.contains(name)
            case .cycle(let cycle): !cycle.isJoiner && (name == "next" || name == "reset")
            default: false
            }
        return has ? .method(value, name) : nil
    }

    /// The value of `object.name(arguments)`.
    func method(
        _ name: String,
        of object: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        switch object {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            // "format" takes whatever its text asks for.
            if name == "format" {
                return .string(try TemplateFormat.braces(text, arguments, self))
            }
            try Self.check(arguments, Self.stringParameters[name], of: name)
            return try stringMethod(name, text, arguments)
        case .dictionary(let dictionary):
            try Self.check(arguments, Self.dictionaryParameters[name], of: name)
            return try dictionaryMethod(name, dictionary, arguments)
        case .list(let list):
            try Self.check(arguments, Self.listParameters[name], of: name)
            return try listMethod(name, list, arguments)
        case .loop(let state): return try loopMethod(name, state, arguments)
        case .cycle(let cycle):
            try arguments.check([], of: "'\(name)'")
            if name == "next" { return cycle.next() }
            cycle.reset()
            return .none
        default:
            throw TemplateLexer.failure(
                "calls '\(name)' of \(object.kind), which has no such method"
            )
        }
    }

    /// Parameters of a method: how many it needs, and the names of all.
    ///
    /// Python takes them by place, save for a few.
    struct Parameters {
        var names: [String]
        var needed = 0
        var areNamed = false
    }

    private static func check(
        _ arguments: TemplateArguments,
        _ parameters: Parameters?,
        of name: String
    ) throws {
        guard let parameters else { return }
        try arguments.check(parameters.names, of: "'\(name)'")
        guard parameters.areNamed || arguments.named.isEmpty else {
            throw TemplateLexer.failure("gives '\(name)' arguments by name, which it does not take")
        }
        guard arguments.positional.count >= parameters.needed else {
            throw TemplateLexer.failure("gives '\(name)' too few arguments")
        }
    }

    static let dictionaryParameters: [String: Parameters] = [
        "get": Parameters(names: ["key", "default"], needed: 1),
        "keys": Parameters(names: []), "values": Parameters(names: []),
        "items": Parameters(names: []), "copy": Parameters(names: []),
    ]

    static let listParameters: [String: Parameters] = [
        "count": Parameters(names: ["value"], needed: 1),
        "index": Parameters(names: ["value"], needed: 1), "copy": Parameters(names: []),
    ]

    private func listMethod(
        _ name: String,
        _ list: TemplateList,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        if name == "copy" { return .list(list) }
        let wanted = arguments.value(0, "value") ?? .none
        let places = try list.items.indices.filter { try equals(list.items[$0], wanted) }
        if name == "count" { return .integer(places.count) }
        guard let place = places.first else {
            throw TemplateLexer.failure("looks for what is not in the list")
        }
        return .integer(place)
    }

    private func dictionaryMethod(
        _ name: String,
        _ dictionary: TemplateDictionary,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        try budget.spend(dictionary.entries.count)
        switch name {
        case "get":
            let found = arguments.value(0, "key")?.string.flatMap { dictionary[$0] }
            return found ?? arguments.value(1, "default") ?? .none
        case "copy": return .dictionary(dictionary)
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
                .tuple([.string(entry.key), try contained(entry.value)])
            }
        )
    }
}
