import Domain

extension TemplateInterpreter {
    /// The answer to `value is name(arguments)`.
    func test(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> Bool {
        let parameters = Self.testsWithArgument.contains(name) ? ["other"] : []
        if Self.testNames.contains(name) {
            try arguments.check(parameters, of: "the test '\(name)'")
        }
        if let isKind = Self.isOfKind(name, value) { return isKind }
        guard parameters.isEmpty || !arguments.positional.isEmpty else {
            throw TemplateLexer.failure("gives the test '\(name)' nothing to compare with")
        }
        let other = arguments.value(0, "other") ?? .none
        switch name {
        case "true", "false":
            guard case .bool(let holds) = value else { return false }
            return holds == (name == "true")
        case "odd", "even":
            guard value.number != nil else { break }
            let rest = try arithmetic(value, "%", .integer(2))
            return rest.number == (name == "odd" ? 1 : 0)
        case "divisibleby":
            guard value.number != nil, other.number != nil else { break }
            return try arithmetic(value, "%", other).number == 0
        case "equalto", "eq", "==": return try equals(value, other)
        case "sameas": return try Self.haveOneKind(value, other) && equals(value, other)
        case "ne", "!=": return !(try equals(value, other))
        case "gt", "greaterthan", ">": return try isLess(other, value)
        case "lt", "lessthan", "<": return try isLess(value, other)
        case "ge", ">=": return !(try isLess(value, other))
        case "le", "<=": return !(try isLess(other, value))
        case "in": return try contains(other, value)
        case "upper", "lower":
            let text = try text(of: value)
            return TemplateStrings.isCased(text, upper: name == "upper")
        case "filter": return value.string.map { Self.filterParameters[$0] != nil } ?? false
        case "test": return value.string.map(Self.testNames.contains) ?? false
        default: throw TemplateLexer.failure("uses the test '\(name)', which is not supported")
        }
        throw TemplateLexer.failure("tests whether \(value.kind) is \(name)")
    }

    private static let testsWithArgument: Set<String> = [
        "divisibleby", "equalto", "eq", "==", "sameas", "ne", "!=", "gt", "greaterthan", ">", "lt",
        "lessthan", "<", "ge", ">=", "le", "<=", "in",
    ]

    static let testNames = testsWithArgument.union([
        "true", "false", "odd", "even", "upper", "lower", "filter", "test", "defined", "undefined",
        "none", "string", "mapping", "boolean", "integer", "float", "callable", "number",
        "iterable", "sequence", "escaped",
    ])

    /// Whether two values can be one and the same in Python, where `1` is not `1.0` nor `true`.
    private static func haveOneKind(_ first: TemplateValue, _ second: TemplateValue) -> Bool {
        switch (first, second) {
        case (.bool, .bool), (.integer, .integer), (.number, .number): true
        case (.bool, _), (.integer, _), (.number, _), (_, .bool), (_, .integer), (_, .number): false
        default: true
        }
    }

    private static func isOfKind(_ name: String, _ value: TemplateValue) -> Bool? {
        switch (name, value) {
        case ("defined", .undefined): false
        case ("defined", _): true
        case ("undefined", .undefined): true
        case ("undefined", _): false
        case ("none", .none), ("string", .string), ("mapping", .dictionary), ("boolean", .bool),
            ("integer", .integer), ("float", .number), ("callable", .macro),
            ("callable", .function), ("callable", .method), ("callable", .loop),
            ("callable", .cycle):
            true
        case ("callable", .undefined): true
        case ("escaped", _): false
        case ("number", .integer), ("number", .number), ("number", .bool): true
        case ("iterable", .list), ("iterable", .string), ("iterable", .dictionary),
            ("iterable", .undefined), ("iterable", .generator), ("iterable", .loop),
            ("sequence", .list), ("sequence", .string),
            ("sequence", .dictionary), ("sequence", .undefined):
            true
        case ("none", _), ("string", _), ("mapping", _), ("boolean", _), ("integer", _),
            ("float", _), ("callable", _), ("number", _), ("iterable", _), ("sequence", _):
            false
        default: nil
        }
    }
}
