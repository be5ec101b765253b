/// A part of a parsed template and the line on which it starts.
struct TemplateNode: Sendable {
    let line: Int
    let content: Content

    /// What stands there.
    indirect enum Content: Sendable {
        case text(String)
        case output(TemplateExpression)
        case branch([Branch], otherwise: [TemplateNode])
        case loop(TemplateLoop)
        case set(TemplateTarget, TemplateExpression)
        case setBlock(TemplateTarget, [TemplateFilter], [TemplateNode])
        case filterBlock([TemplateFilter], [TemplateNode])
        /// Names that hold within the body only, each seeing those before it.
        case with([(target: TemplateTarget, value: TemplateExpression)], [TemplateNode])
        case macro(TemplateMacro)
        /// A call whose callee finds the body as `caller`.
        case callBlock(TemplateExpression, TemplateMacro)
        case breakLoop
        case continueLoop
    }

    /// One arm of an `if`.
    struct Branch: Sendable {
        var line: Int
        var condition: TemplateExpression
        var body: [TemplateNode]
    }
}

/// The statement `{% for target in items if condition %} body {% else %} otherwise {% endfor %}`.
struct TemplateLoop: Sendable {
    var target: TemplateTarget
    var items: TemplateExpression
    var condition: TemplateExpression?
    /// Whether the body may call `loop(…)` for the items below one.
    var isRecursive: Bool
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

/// The statement `{% macro name(parameters) %} body {% endmacro %}`.
struct TemplateMacro: Sendable {
    var name: String
    var parameters: [(name: String, standard: TemplateExpression?)]
    var body: [TemplateNode]
    /// Which of `varargs`, `kwargs` and `caller` the body speaks of: only then are they taken.
    var extras: Set<String>
}

/// What is assigned to: a variable, a field of a namespace, or several of them.
indirect enum TemplateTarget: Sendable {
    case name(String)
    case field(String, String)
    case tuple([TemplateTarget])
}

/// A filter that a block is passed through.
struct TemplateFilter: Sendable {
    var name: String
    var arguments: [TemplateArgument]
}

/// An argument of a call.
struct TemplateArgument: Sendable {
    /// How the value becomes arguments: one by place, one by name, or all that it holds.
    enum Kind: Sendable, Hashable {
        case positional
        case named(String)
        case items
        case fields
    }

    var kind: Kind
    var value: TemplateExpression
}

/// An expression of a template.
indirect enum TemplateExpression: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, String)
    case element(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, [TemplateExpression?])
    case call(TemplateExpression, [TemplateArgument])
    case filter(TemplateExpression, String, [TemplateArgument])
    case test(TemplateExpression, String, [TemplateArgument], isNegated: Bool)
    case negative(TemplateExpression)
    case positive(TemplateExpression)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case arithmetic(TemplateExpression, String, TemplateExpression)
    case comparison(TemplateExpression, [(operation: String, value: TemplateExpression)])
    case conditional(TemplateExpression, condition: TemplateExpression, TemplateExpression?)
}
