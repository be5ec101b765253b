import Domain

extension TemplateInterpreter {
    /// The answer to `value is name(arguments)`.
    func test(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws -> Bool {
        if let isKind = Self.isOfKind(name, value) { return isKind }
        let other = arguments.value(0, "other") ?? .none
        switch name {
        case "true", "false":
            guard case .bool(let holds) = value else { return false }
            return holds == (name == "true")
        case "odd", "even":
            guard let whole = value.integer else { break }
            return whole.isMultiple(of: 2) == (name == "even")
        case "divisibleby":
            guard let whole = value.integer, let divisor = other.integer, divisor != 0 else {
                break
            }
            return whole.isMultiple(of: divisor)
        case "equalto", "eq", "==", "sameas": return try equals(value, other)
        case "ne", "!=": return !(try equals(value, other))
        case "gt", "greaterthan", ">": return try isLess(other, value)
        case "lt", "lessthan", "<": return try isLess(value, other)
        case "ge", ">=": return !(try isLess(value, other))
        case "le", "<=": return !(try isLess(other, value))
        case "in": return try contains(other, value)
        case "upper", "lower":
            guard let text = value.string else { return false }
            return text == (name == "upper" ? text.uppercased() : text.lowercased())
        default: throw TemplateLexer.failure("uses the test '\(name)', which is not supported")
        }
        throw TemplateLexer.failure("tests whether \(value.kind) is \(name)")
    }

    private static func isOfKind(_ name: String, _ value: TemplateValue) -> Bool? {
        switch (name, value) {
        case ("defined", .undefined): false
        case ("defined", _): true
        case ("undefined", .undefined): true
        case ("undefined", _): false
        case ("none", .none), ("string", .string), ("mapping", .dictionary), ("boolean", .bool),
            ("integer", .integer), ("float", .number), ("callable", .macro),
            ("callable", .function):
            true
        case ("number", .integer), ("number", .number), ("number", .bool): true
        case ("iterable", .list), ("iterable", .string), ("iterable", .dictionary),
            ("iterable", .undefined), ("sequence", .list), ("sequence", .string),
            ("sequence", .dictionary), ("sequence", .undefined):
            true
        case ("none", _), ("string", _), ("mapping", _), ("boolean", _), ("integer", _),
            ("float", _), ("callable", _), ("number", _), ("iterable", _), ("sequence", _):
            false
        default: nil
        }
    }

    static let builtInNames: Set<String> = [
        "range", "namespace", "dict", "raise_exception", "strftime_now",
    ]

    /// The functions that templates find without defining them.
    func builtIn(_ name: String, _ arguments: TemplateArguments) throws -> TemplateValue {
        switch name {
        case "range": return try range(arguments)
        case "namespace", "dict":
            var fields = TemplateDictionary()
            if case .dictionary(let given)? = arguments.positional.first { fields = given }
            for (name, value) in arguments.named { fields.set(name, try contained(value)) }
            guard name == "namespace" else { return .dictionary(fields) }
            let namespace = TemplateNamespace()
            namespace.fields = fields
            return .namespace(namespace)
        case "raise_exception":
            let message = try text(of: arguments.value(0, "message") ?? .string(""))
            throw HoneError(
                .invalidRequest,
                "The model's chat template refuses the messages: \(message)",
                param: "messages"
            )
        case "strftime_now":
            return .string(clock(try text(of: arguments.value(0, "format") ?? .none)))
        default: throw TemplateLexer.failure("calls '\(name)', which is not defined")
        }
    }

    private func range(_ arguments: TemplateArguments) throws -> TemplateValue {
        let bounds = try arguments.positional.map { value in
            guard let bound = value.integer else {
                throw TemplateLexer.failure("makes a range of \(value.kind)")
            }
            return bound
        }
        guard (1...3).contains(bounds.count), bounds.count < 3 || bounds[2] != 0 else {
            throw TemplateLexer.failure("makes a range of wrong bounds")
        }
        let start = bounds.count == 1 ? 0 : bounds[0]
        let stop = bounds.count == 1 ? bounds[0] : bounds[1]
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        // Jinja's sandbox allows ranges of 100,000.
        guard !overflow,
            abs(distance / (bounds.count > 2 ? max(1, bounds[2].magnitude.clampedToInt) : 1))
                <= 100_000
        else { throw TemplateLexer.failure("makes a range of over 100000 numbers") }
        let numbers = Array(stride(from: start, to: stop, by: bounds.count > 2 ? bounds[2] : 1))
        try budget.spend(numbers.count)
        return .items(numbers.map { .integer($0) })
    }
}

extension UInt {
    fileprivate var clampedToInt: Int { Int(clamping: self) }
}
