extension TemplateInterpreter {
    /// Runs a `for`; `depth` counts the loops of the same statement around it.
    mutating func run(
        _ loop: TemplateLoop,
        over value: TemplateValue,
        depth: Int
    ) throws -> Outcome {
        let items = try kept(try items(of: value), loop)
        guard !items.isEmpty else { return try scoped { try $0.run(loop.otherwise) } }
        let state = TemplateLoopState(
            items,
            depth: depth,
            statement: loop.isRecursive ? loop : nil
        )
        return try scoped { interpreter in
            for index in items.indices {
                try interpreter.budget.spend(1)
                state.index = index
                interpreter.scopes[interpreter.scopes.count - 1] = ["loop": .loop(state)]
                try interpreter.set(loop.target, items[index])
                if try interpreter.run(loop.body) == .brokeLoop { break }
            }
            return .done
        }
    }

    /// The items for which the loop's condition holds.
    private mutating func kept(
        _ items: [TemplateValue],
        _ loop: TemplateLoop
    ) throws -> [TemplateValue] {
        guard let condition = loop.condition else { return items }
        return try items.filter { item in
            try scoped { interpreter in
                try interpreter.set(loop.target, item)
                return try interpreter.evaluate(condition).isTrue
            }
        }
    }

    /// `loop(items)`: the text of the same loop over what is below an item.
    mutating func recurse(
        _ state: TemplateLoopState,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        guard let loop = state.statement else {
            throw TemplateLexer.failure("calls 'loop' of a loop that is not recursive")
        }
        try arguments.check(["iterable"], of: "'loop'")
        let value = arguments.value(0, "iterable") ?? .undefined("what to loop over")
        return try called(scopes) { interpreter in
            let depth = state.depth + 1
            return .string(
                try interpreter.captured { _ = try $0.run(loop, over: value, depth: depth) }
            )
        }
    }

    func loopMethod(
        _ name: String,
        _ state: TemplateLoopState,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        let values = arguments.positional
        if name == "cycle" {
            guard !values.isEmpty else { throw TemplateLexer.failure("cycles through nothing") }
            return values[state.index % values.count]
        }
        let before = state.lastAsked
        state.lastAsked = values
        guard let before else { return .bool(true) }
        return .bool(!(try equals(.tuple(before), .tuple(values))))
    }

    // MARK: Items

    /// What a loop over `value` gives.
    func items(of value: TemplateValue) throws -> [TemplateValue] {
        switch value {
        case .list(let list): return list.items
        case .dictionary(let dictionary): return dictionary.entries.map { .string($0.key) }
        case .generator(let generator): return generator.rest()
        case .string(let text):
            try charge(bytes: text.utf8.count * 16)
            return text.unicodeScalars.map { .string(String($0)) }
        case .undefined: return []
        default: throw TemplateLexer.failure("loops over \(value.kind)")
        }
    }
}
