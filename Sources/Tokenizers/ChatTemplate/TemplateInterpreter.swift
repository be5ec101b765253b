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

    /// How deep macros and recursive loops may call each other.
    private static let deepestCall = 30
    /// How deep statements and expressions may run within each other, through all calls.
    ///
    /// Half of the usual 8 MB of a thread hold them, and all of it where nothing is optimised.
    private static let deepestRun = 700

    let budget: Budget
    /// What `strftime_now` answers.
    let clock: @Sendable (String) -> String
    var scopes: [[String: TemplateValue]]
    private var output = ""
    private var callDepth = 0
    private var runDepth = 0
    /// The line of the statement that runs.
    private var line = 1

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
        do {
            _ = try run(nodes)
        } catch {
            throw TemplateLexer.located(error, line: line)
        }
        return output
    }

    // MARK: Variables

    func variable(_ name: String) -> TemplateValue? {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return nil
    }

    mutating func assign(_ name: String, _ value: TemplateValue) {
        scopes[scopes.count - 1][name] = value
    }

    /// Runs `work` with variables of its own, which go with it.
    mutating func scoped<Result>(
        _ scope: [String: TemplateValue] = [:],
        _ work: (inout Self) throws -> Result
    ) throws -> Result {
        scopes.append(scope)
        defer { scopes.removeLast() }
        return try work(&self)
    }

    /// Runs `work` as the body of a call, with the scopes that the callee sees.
    mutating func called<Result>(
        _ scopes: [[String: TemplateValue]],
        _ work: (inout Self) throws -> Result
    ) throws -> Result {
        callDepth += 1
        defer { callDepth -= 1 }
        guard callDepth <= Self.deepestCall else {
            throw TemplateLexer.failure("calls itself deeper than \(Self.deepestCall)")
        }
        let (caller, callLine) = (self.scopes, line)
        self.scopes = scopes
        defer { self.scopes = caller }
        let result = try work(&self)
        // An error keeps the line that it arose on.
        line = callLine
        return result
    }

    /// Counts what is within something else; `leave` undoes it.
    mutating func enter() throws {
        guard runDepth < Self.deepestRun else {
            throw TemplateLexer.failure("runs statements or expressions too deep in each other")
        }
        runDepth += 1
    }

    mutating func leave() { runDepth -= 1 }

    /// Text made costs by its length.
    func charge(bytes: Int) throws { try budget.spend(bytes / 16 + 1) }

    func text(of value: TemplateValue) throws -> String {
        try TemplateText.plain(value, budget: budget)
    }

    // MARK: Statements

    mutating func run(_ nodes: [TemplateNode]) throws -> Outcome {
        try enter()
        defer { leave() }
        for node in nodes {
            try budget.spend(1)
            line = node.line
            let outcome = try run(node.content)
            if outcome != .done { return outcome }
        }
        return .done
    }

    private mutating func run(_ content: TemplateNode.Content) throws -> Outcome {
        switch content {
        case .text(let text): try write(text)
        case .output(let expression): try write(try text(of: try evaluate(expression)))
        case .branch(let branches, let otherwise): return try run(branches, otherwise)
        case .loop(let loop): return try run(loop, over: try evaluate(loop.items), depth: 0)
        case .set(let target, let expression): try set(target, try evaluate(expression))
        case .breakLoop: return .brokeLoop
        case .continueLoop: return .continuesLoop
        default: return try runBlock(content)
        }
        return .done
    }

    private mutating func runBlock(_ content: TemplateNode.Content) throws -> Outcome {
        switch content {
        case .setBlock(let target, let filters, let body):
            try set(target, try filtered(try captured(body), filters))
        case .filterBlock(let filters, let body):
            try write(try text(of: try filtered(try captured(body), filters)))
        case .with(let values, let body):
            return try scoped { interpreter in
                for (target, value) in values {
                    try interpreter.set(target, try interpreter.evaluate(value))
                }
                return try interpreter.run(body)
            }
        case .macro(let macro): assign(macro.name, closure(macro))
        case .callBlock(let call, let macro):
            try write(try text(of: try evaluate(call, caller: closure(macro))))
        default: throw TemplateLexer.failure("holds a statement that cannot be run")
        }
        return .done
    }

    private mutating func run(
        _ branches: [TemplateNode.Branch],
        _ otherwise: [TemplateNode]
    ) throws -> Outcome {
        for branch in branches {
            line = branch.line
            if try evaluate(branch.condition).isTrue { return try run(branch.body) }
        }
        return try run(otherwise)
    }

    private mutating func write(_ text: String) throws {
        try charge(bytes: text.utf8.count)
        output += text
    }

    /// The text that `body` writes.
    mutating func captured(_ body: [TemplateNode]) throws -> String {
        try captured { _ = try $0.run(body) }
    }

    /// The text that is written by `work`, whose variables go with it.
    mutating func captured(_ work: (inout Self) throws -> Void) throws -> String {
        let before = output
        output = ""
        defer { output = before }
        try scoped { try work(&$0) }
        return output
    }

    private mutating func filtered(
        _ text: String,
        _ filters: [TemplateFilter]
    ) throws -> TemplateValue {
        var value = TemplateValue.string(text)
        for applied in filters {
            value = try filter(applied.name, value, try evaluate(applied.arguments))
        }
        return value
    }

    mutating func set(_ target: TemplateTarget, _ value: TemplateValue) throws {
        switch target {
        case .name(let name): assign(name, value)
        case .field(let name, let field):
            guard case .namespace(let namespace)? = variable(name) else {
                throw TemplateLexer.failure(
                    "sets '\(name).\(field)', but only namespaces can be"
                )
            }
            namespace.fields.set(field, try contained(value))
        case .tuple(let targets):
            let values = try items(of: value)
            guard values.count == targets.count else {
                throw TemplateLexer.failure("sets \(targets.count) names to \(values.count) values")
            }
            for (target, value) in zip(targets, values) { try set(target, value) }
        }
    }

    /// Checks that `value` may be put into a list, a dictionary or a namespace.
    func contained(_ value: TemplateValue) throws -> TemplateValue {
        guard value.depth < TemplateValue.deepest else {
            throw TemplateLexer.failure("puts \(value.kind) into another value, or nests too deep")
        }
        return value
    }
}
