import Domain

extension TemplateInterpreter {
    static let builtInNames: Set<String> = [
        "range", "namespace", "dict", "raise_exception", "strftime_now", "cycler", "joiner",
        "lipsum",
    ]

    /// The functions that templates find without defining them.
    func builtIn(_ name: String, _ arguments: TemplateArguments) throws -> TemplateValue {
        switch name {
        case "range": return try range(arguments)
        case "cycler", "joiner":
            if name == "joiner" { try arguments.check(["sep"], of: "'joiner'") }
            let items =
                name == "cycler"
                ? arguments.positional : [arguments.value(0, "sep") ?? .string(", ")]
            guard !items.isEmpty else { throw TemplateLexer.failure("cycles through nothing") }
            return .cycle(TemplateCycle(items, isJoiner: name == "joiner"))
        case "namespace", "dict":
            var fields = TemplateDictionary()
            guard arguments.positional.count < 2 else {
                throw TemplateLexer.failure("calls '\(name)' with several values by place")
            }
            if let given = arguments.positional.first { fields = try self.fields(of: given) }
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
        default: throw TemplateLexer.failure("calls '\(name)', which is not supported")
        }
    }

    /// A dictionary made of another one, or of pairs.
    private func fields(of value: TemplateValue) throws -> TemplateDictionary {
        if case .dictionary(let dictionary) = value { return dictionary }
        var fields = TemplateDictionary()
        for pair in try items(of: value) {
            let parts = try items(of: pair)
            guard parts.count == 2, let name = parts[0].string else {
                throw TemplateLexer.failure("makes a dictionary of what are not pairs")
            }
            try budget.spend(fields.entries.count / 8)
            fields.set(name, parts[1])
        }
        return fields
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
        let step = bounds.count > 2 ? bounds[2] : 1
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        guard overflow || distance == 0 || (distance < 0) == (step < 0) else { return .items([]) }
        // Jinja's sandbox allows ranges of 100,000.
        let (whole, rest) = distance.magnitude.quotientAndRemainder(dividingBy: step.magnitude)
        guard !overflow, whole < 100_000 else {
            throw TemplateLexer.failure("makes a range of over 100000 numbers")
        }
        let count = Int(whole) + (rest > 0 ? 1 : 0)
        try budget.spend(count)
        return .items((0..<count).map { .integer(start + $0 * step) })
    }
}
