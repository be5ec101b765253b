/// One parameter of an objective, a reward or an estimator: what it means, its default, its range.
///
/// The same description validates a spec, fills `GET /v1/objectives` and draws the page's forms.
public struct ParameterDescription: Sendable, Hashable {
    /// The kinds of value a parameter takes.
    public enum Kind: Sendable, Hashable {
        case number(NumericRange)
        case integer(ClosedRange<Int>)
        case bool
        case string
        /// One of these words.
        case choice([String])
        /// A list of numbers, each within the range.
        case numbers(NumericRange)
        /// Anything the owner reads itself (nested rewards, for example).
        case nested
    }

    /// The name as spelled in a spec, snake_case.
    public var name: String
    /// One sentence in plain words.
    public var meaning: String
    /// The values it takes.
    public var kind: Kind
    /// Used when the field is absent; `nil` makes the parameter required.
    public var defaultValue: Value?

    /// A parameter by its name in specs; a `nil` default makes it required.
    public init(_ name: String, _ kind: Kind, default defaultValue: Value?, _ meaning: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.meaning = meaning
    }
}
