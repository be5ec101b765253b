public import Domain

/// What a JSON value must look like: one description that checks requests, fills in defaults,
/// makes the OpenAPI document and the tables of the documentation.
public indirect enum Schema: Sendable, Hashable {
    /// Anything; its owner reads it (parameters of a reward, for example).
    case any
    case bool
    case string
    /// A string that is not empty.
    case text
    /// A name of a run, model or token: see `ResourceName`.
    case name
    /// One of these words.
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(NumericRange)
    case list(Schema, count: ClosedRange<Int>)
    /// These fields and no others.
    case object([FieldDescription])
    /// These fields; others are passed on as they are.
    case openObject([FieldDescription])
    /// Any names, each with a value like this.
    case map(Schema)
    /// The first alternative that takes the value's kind.
    case oneOf([Schema])
    /// Null, or a value like this.
    case nullable(Schema)
    /// A component of the OpenAPI document.
    case named(String, Schema)
}

extension Schema {
    /// A list of any length.
    public static func list(_ element: Schema) -> Schema { .list(element, count: 0...Int.max) }

    /// A whole number from zero.
    public static let count = Schema.integer(0...Int.max)

    /// The list envelope around objects like `element`.
    public static func page(of element: Schema) -> Schema {
        .object([
            .required("object", .choice(["list"]), "Always `list`."),
            .required("data", .list(element), "The objects of this page."),
            .required("has_more", .bool, "Whether `after` the last one there are more."),
        ])
    }

    /// A described parameter's kind as a schema.
    public init(_ kind: ParameterDescription.Kind) {
        switch kind {
        case .number(let range): self = .number(range)
        case .integer(let range): self = .integer(range)
        case .bool: self = .bool
        case .string: self = .string
        case .choice(let words): self = .choice(words)
        case .numbers(let range): self = .list(.number(range))
        case .nested: self = .any
        }
    }
}

/// One field of an object: its name, what it holds and what it means.
public struct FieldDescription: Sendable, Hashable {
    /// Whether the field must be written.
    public enum Presence: Sendable, Hashable {
        case required
        /// May be left out, which has a meaning of its own.
        case optional
        /// Left out, it has this value.
        case defaulted(Value)
    }

    /// As spelled in JSON, snake_case.
    public var name: String
    /// What its value must look like.
    public var schema: Schema
    /// Whether it must be written, and what it is when left out.
    public var presence: Presence
    /// One sentence in plain words.
    public var meaning: String

    /// A field that must be there.
    public static func required(_ name: String, _ schema: Schema, _ meaning: String) -> Self {
        Self(name: name, schema: schema, presence: .required, meaning: meaning)
    }

    /// A field that may be left out.
    public static func optional(_ name: String, _ schema: Schema, _ meaning: String) -> Self {
        Self(name: name, schema: schema, presence: .optional, meaning: meaning)
    }

    /// A field with a default.
    public static func field(
        _ name: String,
        _ schema: Schema,
        default value: Value,
        _ meaning: String
    ) -> Self {
        Self(name: name, schema: schema, presence: .defaulted(value), meaning: meaning)
    }
}
