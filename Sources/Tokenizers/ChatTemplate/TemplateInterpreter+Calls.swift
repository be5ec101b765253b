extension TemplateInterpreter {
    mutating func evaluate(_ arguments: [TemplateArgument]) throws -> TemplateArguments {
        var values = TemplateArguments()
        for argument in arguments {
            let value = try evaluate(argument.value)
            switch argument.kind {
            case .positional: values.positional.append(value)
            case .named(let name): values.named.append((name, value))
            case .items:
                let items = try items(of: value)
                try budget.spend(items.count)
                values.positional += items
            case .fields:
                guard case .dictionary(let fields) = value else {
                    throw TemplateLexer.failure("gives \(value.kind) as named arguments")
                }
                try budget.spend(fields.entries.count)
                values.named += fields.entries.map { ($0.key, $0.value) }
            }
        }
        return values
    }

    /// Evaluates a call whose callee is given `caller`.
    mutating func evaluate(
        _ call: TemplateExpression,
        caller: TemplateValue
    ) throws -> TemplateValue {
        guard case .call(let function, let arguments) = call else { return try evaluate(call) }
        return try self.call(function, arguments, caller: caller)
    }

    mutating func call(
        _ function: TemplateExpression,
        _ arguments: [TemplateArgument],
        caller: TemplateValue? = nil
    ) throws -> TemplateValue {
        let callee = try evaluate(function)
        var values = try evaluate(arguments)
        if let caller { values.named.append(("caller", caller)) }
        switch callee {
        case .macro(let closure): return try call(closure, values)
        case .function(let name): return try builtIn(name, values)
        case .method(let object, let name): return try method(name, of: object, values)
        case .loop(let state): return try recurse(state, values)
        case .cycle(let cycle) where cycle.isJoiner:
            try values.check([], of: "a joiner")
            return cycle.next()
        default: throw TemplateLexer.failure(Self.uncallable(function, callee))
        }
    }

    private static func uncallable(
        _ function: TemplateExpression,
        _ callee: TemplateValue
    ) -> String {
        switch (function, callee) {
        case (.attribute(_, let name), .undefined) where changing.contains(name):
            "calls '\(name)', which changes a value; templates may change namespaces only"
        case (.attribute(_, let name), .undefined): "calls '\(name)', which there is no method for"
        case (.name(let name), .undefined): "calls '\(name)', which is not defined"
        case (.name(let name), _): "calls '\(name)', which is \(callee.kind)"
        default: "calls \(callee.kind)"
        }
    }

    /// Methods that Jinja's immutable sandbox refuses.
    private static let changing: Set<String> = [
        "append", "extend", "insert", "pop", "popitem", "remove", "clear", "sort", "reverse",
        "update", "setdefault", "add", "discard",
    ]

    // MARK: Macros

    /// The macro as a value: it sees the variables around it, and the template's as they will be.
    func closure(_ macro: TemplateMacro) -> TemplateValue {
        .macro(TemplateClosure(macro, scopes: Array(scopes.dropFirst())))
    }

    /// Runs a macro, which sees the variables around it but not its caller's.
    mutating func call(
        _ closure: TemplateClosure,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let macro = closure.macro
        var scope: [String: TemplateValue] = [:]
        if !closure.scopes.isEmpty, macro.name != "caller" { scope[macro.name] = .macro(closure) }
        try bindExtras(of: macro, arguments, &scope)
        return try called([scopes[0]] + closure.scopes + [scope]) { interpreter in
            for (index, parameter) in macro.parameters.enumerated() {
                let value =
                    try arguments.value(index, parameter.name)
                    ?? parameter.standard.map { try interpreter.evaluate($0) }
                interpreter.assign(parameter.name, value ?? .undefined(parameter.name))
            }
            return .string(try interpreter.captured(macro.body))
        }
    }

    /// Sets `varargs`, `kwargs` and `caller` where the body speaks of them, and refuses arguments
    /// that nothing takes.
    private func bindExtras(
        of macro: TemplateMacro,
        _ arguments: TemplateArguments,
        _ scope: inout [String: TemplateValue]
    ) throws {
        var taken = arguments
        if macro.extras.contains("caller") {
            scope["caller"] =
                taken.named.first { $0.name == "caller" }?.value
                ?? .undefined("caller")
            taken.named.removeAll { $0.name == "caller" }
        }
        let names = macro.parameters.map(\.name)
        if macro.extras.contains("varargs") {
            scope["varargs"] = .tuple(
                try taken.positional.dropFirst(names.count).map { try contained($0) }
            )
            taken.positional = Array(taken.positional.prefix(names.count))
        }
        if macro.extras.contains("kwargs") {
            let rest = taken.named.filter { !names.contains($0.name) }
            for (_, value) in rest { _ = try contained(value) }
            scope["kwargs"] = .dictionary(TemplateDictionary(rest.map { ($0.name, $0.value) }))
            taken.named.removeAll { !names.contains($0.name) }
        }
        try taken.check(names, of: "the macro '\(macro.name)'")
    }
}
