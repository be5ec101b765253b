/// A part of a parsed template.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplateExpression)
    case branch([(condition: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode])
    case loop(TemplateLoop)
    case set([TemplateTarget], TemplateExpression)
    case setBlock(TemplateTarget, [TemplateNode])
    case macro(TemplateMacro)
    case breakLoop
    case continueLoop
}

/// The statement `{% for targets in items if condition %} body {% else %} otherwise {% endfor %}`.
struct TemplateLoop: Sendable {
    var targets: [String]
    var items: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

/// The statement `{% macro name(parameters) %} body {% endmacro %}`.
struct TemplateMacro: Sendable {
    var name: String
    var parameters: [(name: String, standard: TemplateExpression?)]
    var body: [TemplateNode]
}

/// What `set` assigns to: a variable, or a field of a namespace.
struct TemplateTarget: Sendable {
    var name: String
    var field: String?
}

/// An argument of a call, by place or by name.
struct TemplateArgument: Sendable {
    var name: String?
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
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, String)
    case element(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, [TemplateExpression?])
    case call(TemplateExpression, [TemplateArgument])
    case filter(TemplateExpression, String, [TemplateArgument])
    case test(TemplateExpression, String, [TemplateArgument], isNegated: Bool)
    case negative(TemplateExpression)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case arithmetic(TemplateExpression, String, TemplateExpression)
    case comparison(TemplateExpression, [(operation: String, value: TemplateExpression)])
    case conditional(TemplateExpression, condition: TemplateExpression, TemplateExpression?)
}
