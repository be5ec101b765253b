public import Domain

/// An objective, an estimator, a stage or a reward with its parameters: what drives forms and
/// `hone objectives`.
public struct CatalogueObject: Sendable, Hashable, Codable {
    /// One parameter.
    public struct Parameter: Sendable, Hashable, Codable {
        /// As spelled in requests.
        public var name: String
        /// What it does, in plain words.
        public var meaning: String
        /// Whether leaving it out is a fault.
        public var required: Bool
        /// Null when it is required or off unless given.
        public var `default`: Value?
        /// A JSON schema: type, range, words.
        public var schema: Value
    }

    /// What an objective's data must have.
    public struct Data: Sendable, Hashable, Codable {
        /// `pairs`, `groups` or `sequences`.
        public var kind: String
        /// The fewest completions a group may have.
        public var minimumGroupSize: Int
        /// What must be there beside `logprobs`, or may have to, by the parameters.
        public var fields: [Field]
    }

    /// A field of the data.
    public struct Field: Sendable, Hashable, Codable {
        /// As spelled in a batch.
        public var name: String
        /// What one number belongs to.
        public var per: String
        /// One sentence.
        public var meaning: String
        /// Whether it is needed with default parameters.
        public var required: Bool
        /// Whether the loss has a gradient by it.
        public var differentiable: Bool
    }

    /// The metric that says that an objective learns.
    public struct Trend: Sendable, Hashable, Codable {
        /// The metric's name.
        public var metric: String
        /// `up` or `down`.
        public var moves: String
    }

    /// As spelled in requests.
    public var name: String
    /// `objective`, `advantage`, `reward` or a stage's kind.
    public var object: String
    /// Other names it is known by.
    public var aliases: [String]?
    /// One sentence.
    public var summary: String
    /// The paper or rule it follows.
    public var source: String?
    /// All that it takes, in the order of the catalogue.
    public var parameters: [Parameter]
    /// What an objective's data must have.
    public var data: Data?
    /// What a loss takes from the whole batch.
    public var statistics: String?
    /// Whether a loss holds something of the policy constant, with default parameters.
    public var stopsGradients: Bool?
    /// What holds of a loss whatever the data.
    public var traits: [String]?
    /// The loss where the policy equals its reference, when that is one number.
    public var lossAtReference: Double?
    /// The metric that says that an objective learns.
    public var trend: Trend?
    /// What a policy gradient sets of every stage, by the stage's name.
    public var stages: [String: Value]?

    /// An entry as it describes itself.
    public init(_ entry: CatalogueDescription) {
        name = entry.name
        object = entry.object
        aliases = entry.aliases.isEmpty ? nil : entry.aliases
        summary = entry.summary
        source = entry.source
        parameters = entry.parameters.map { description in
            Parameter(
                name: description.name,
                meaning: description.meaning,
                required: description.defaultValue == nil,
                default: description.defaultValue,
                schema: Schema(description.kind).jsonSchema
            )
        }
        data = entry.data.map { data in
            Data(
                kind: data.kind,
                minimumGroupSize: data.minimumGroupSize,
                fields: data.fields.map {
                    Field(
                        name: $0.name,
                        per: $0.per,
                        meaning: $0.meaning,
                        required: $0.required,
                        differentiable: $0.differentiable
                    )
                }
            )
        }
        statistics = entry.statistics
        stopsGradients = entry.stopsGradients
        traits = entry.object == "objective" ? entry.traits : nil
        lossAtReference = entry.lossAtReference
        trend = entry.trend.map { Trend(metric: $0.metric, moves: $0.moves) }
        stages =
            entry.stages.isEmpty
            ? nil
            : Dictionary(entry.stages.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "CatalogueEntry",
        .object([
            .required("name", .string, "What `name` fields take."),
            .required("object", .string, "objective, advantage, reward or a stage's kind."),
            .optional("aliases", .list(.string), "Other names it is known by."),
            .required("summary", .string, "One sentence."),
            .optional("source", .string, "The paper or rule it follows."),
            .required("parameters", .list(parameter), "Its parameters."),
            .optional("data", data, "What an objective's data must have."),
            .optional("statistics", .string, "What a loss takes from the whole batch."),
            .optional(
                "stops_gradients",
                .bool,
                "Whether a loss holds something of the policy constant, with default parameters."
            ),
            .optional("traits", .list(.string), "What holds of a loss whatever the data."),
            .optional(
                "loss_at_reference",
                .number(.any),
                "The loss where the policy equals reference and old policy, when that is one number."
            ),
            .optional("trend", trend, "The metric that says that an objective learns."),
            .optional("stages", .openObject([]), "What a policy gradient sets of every stage."),
        ])
    )

    private static let data = Schema.object([
        .required(
            "kind",
            .string,
            "pairs, groups or sequences; of an estimator tokens or completions."
        ),
        .required("minimum_group_size", .count, "The fewest completions of a group."),
        .required("fields", .list(field), "What must be there, or may have to."),
    ])

    private static let field = Schema.object([
        .required("name", .string, "As spelled in a batch."),
        .required("per", .string, "token, sequence, pair, completion or batch."),
        .required("meaning", .string, "In plain words."),
        .required("required", .bool, "Whether it is needed with default parameters."),
        .required("differentiable", .bool, "Whether the loss has a gradient by it."),
    ])

    private static let trend = Schema.object([
        .required("metric", .string, "The metric's name."),
        .required("moves", .string, "up or down."),
    ])

    private static let parameter = Schema.object([
        .required("name", .string, "As spelled in a spec."),
        .required("meaning", .string, "In plain words."),
        .required("required", .bool, "Whether it has no default."),
        .optional("default", .any, "Its value when left out."),
        .required("schema", .openObject([]), "A JSON schema of its values."),
    ])
}
