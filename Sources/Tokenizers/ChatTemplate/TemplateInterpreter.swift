import Domain

/// Runs a parsed template.
///
/// Work and output are charged to a budget, so that none runs for ever.
struct TemplateInterpreter {
    /// What a body ended with.
    enum Outcome {
        case done
        case brokeLoop
        case continuesLoop
    }

    /// Work left: one for each node and expression, and for every 16 bytes of text made.
    final class Budget {
        private var left: Int

        init(_ amount: Int) { left = amount }

        func spend(_ amount: Int) throws {
            left -= min(amount, left + 1)
            guard left >= 0 else {
                throw TemplateLexer.failure(
                    "does more work than any template needs; is it looping?"
                )
            }
        }
    }

    /// How deep macros may call each other.
    private static let deepestCall = 30

    let budget: Budget
    /// What `strftime_now` answers.
    let clock: @Sendable (String) -> String
    private var scopes: [[String: TemplateValue]]
    private var output = ""
    private var callDepth = 0

    init(
        variables: [String: TemplateValue],
        budget: Budget,
        clock: @escaping @Sendable (String) -> String
    ) {
        scopes = [variables]
        self.budget = budget
        self.clock = clock
    }

    mutating func render(_ nodes: [TemplateNode]) throws -> String {
        _ = try run(nodes)
        return output
    }

    // MARK: Variables

    func variable(_ name: String) -> TemplateValue? {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return nil
    }

    private mutating func assign(_ name: String, _ value: TemplateValue) {
        scopes[scopes.count - 1][name] = value
    }

    /// Text made costs by its length.
    func charge(bytes: Int) throws { try budget.spend(bytes / 16 + 1) }

    func text(of value: TemplateValue) throws -> String {
        try TemplateText.plain(value, budget: budget)
    }

    // MARK: Statements

    private mutating func run(_ nodes: [TemplateNode]) throws -> Outcome {
        for node in nodes {
            try budget.spend(1)
            let outcome = try run(node)
            if outcome != .done { return outcome }
        }
        return .done
    }

    private mutating func run(_ node: TemplateNode) throws -> Outcome {
        switch node {
        case .text(let text): try write(text)
        case .output(let expression): try write(try text(of: try evaluate(expression)))
        case .branch(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue {
                return try run(branch.body)
            }
            return try run(otherwise)
        case .loop(let loop): return try run(loop)
        case .set(let targets, let expression):
            try set(targets, try evaluate(expression))
        case .setBlock(let target, let body):
            try set([target], .string(try captured(body)))
        case .macro(let macro): assign(macro.name, .macro(macro))
        case .breakLoop: return .brokeLoop
        case .continueLoop: return .continuesLoop
        }
        return .done
    }

    private mutating func write(_ text: String) throws {
        try charge(bytes: text.utf8.count)
        output += text
    }

    private mutating func captured(_ body: [TemplateNode]) throws -> String {
        let before = output
        output = ""
        defer { output = before }
        _ = try run(body)
        return output
    }

    private mutating func set(_ targets: [TemplateTarget], _ value: TemplateValue) throws {
        guard targets.count > 1 else { return try set(targets[0], value) }
        let values = try items(of: value)
        guard values.count == targets.count else {
            throw TemplateLexer.failure("sets \(targets.count) names to \(values.count) values")
        }
        for (target, value) in zip(targets, values) { try set(target, value) }
    }

    private mutating func set(_ target: TemplateTarget, _ value: TemplateValue) throws {
        guard let field = target.field else { return assign(target.name, value) }
        guard case .namespace(let namespace)? = variable(target.name) else {
            throw TemplateLexer.failure(
                "sets '\(target.name).\(field)', but only namespaces can be"
            )
        }
        namespace.fields.set(field, try contained(value))
    }

    /// Checks that `value` may be put into a list, a dictionary or a namespace.
    func contained(_ value: TemplateValue) throws -> TemplateValue {
        guard value.depth < TemplateValue.deepest else {
            throw TemplateLexer.failure("nests values too deep")
        }
        return value
    }

    private mutating func run(_ loop: TemplateLoop) throws -> Outcome {
        var items = try items(of: try evaluate(loop.items))
        scopes.append([:])
        defer { scopes.removeLast() }
        if let condition = loop.condition {
            items = try items.filter { item in
                try bind(item, to: loop.targets)
                return try evaluate(condition).isTrue
            }
        }
        guard !items.isEmpty else { return try run(loop.otherwise) }
        for index in items.indices {
            try budget.spend(1)
            scopes[scopes.count - 1] = ["loop": Self.state(items, index)]
            try bind(items[index], to: loop.targets)
            if try run(loop.body) == .brokeLoop { break }
        }
        return .done
    }

    private mutating func bind(_ item: TemplateValue, to names: [String]) throws {
        try set(names.map { TemplateTarget(name: $0) }, item)
    }

    private static func state(_ items: [TemplateValue], _ index: Int) -> TemplateValue {
        var state: [(key: String, value: TemplateValue)] = [
            ("index", .integer(index + 1)), ("index0", .integer(index)),
            ("revindex", .integer(items.count - index)),
            ("revindex0", .integer(items.count - index - 1)),
            ("first", .bool(index == 0)), ("last", .bool(index == items.count - 1)),
            ("length", .integer(items.count)),
        ]
        if index > 0 { state.append(("previtem", items[index - 1])) }
        if index + 1 < items.count { state.append(("nextitem", items[index + 1])) }
        return .dictionary(TemplateDictionary(state))
    }

    // MARK: Macros

    /// Runs a macro, which sees the template's variables but not its caller's.
    mutating func call(
        _ macro: TemplateMacro,
        _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        callDepth += 1
        defer { callDepth -= 1 }
        guard callDepth <= Self.deepestCall else {
            throw TemplateLexer.failure("calls macros deeper than \(Self.deepestCall)")
        }
        var scope: [String: TemplateValue] = [:]
        for (index, parameter) in macro.parameters.enumerated() {
            if let value = arguments.value(index, parameter.name) {
                scope[parameter.name] = value
            } else {
                scope[parameter.name] =
                    try parameter.standard.map { try evaluate($0) } ?? .undefined(parameter.name)
            }
        }
        let callers = scopes
        scopes = [callers[0], scope]
        defer { scopes = callers }
        return .string(try captured(macro.body))
    }

    // MARK: Items

    /// What a loop over `value` gives.
    func items(of value: TemplateValue) throws -> [TemplateValue] {
        switch value {
        case .list(let list): return list.items
        case .dictionary(let dictionary): return dictionary.entries.map { .string($0.key) }
        case .string(let text):
            try charge(bytes: text.utf8.count * 16)
            return text.unicodeScalars.map { .string(String($0)) }
        case .undefined: return []
        default: throw TemplateLexer.failure("loops over \(value.kind)")
        }
    }
}

/// The values a call was given.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// The argument at `index`, or the one called `name`.
    func value(_ index: Int, _ name: String) -> TemplateValue? {
        if index < positional.count { return positional[index] }
        return named.first { $0.name == name }?.value
    }
}
