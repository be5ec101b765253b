import Domain

/// A model: OpenAI's shape and what else is known of it.
public struct ModelObject: Sendable, Hashable, Codable {
    /// The model's name.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "model"
    /// Seconds since 1970.
    public var created: Int
    /// `import`, `create`, or the id of the run that published it.
    public var ownedBy: String
    /// `policy` or `reward`.
    public var kind: String
    /// What a reward model says of texts: `scalar`, `ensemble`, `attributes`, `preference` or `pair`.
    public var rewardKind: String?
    /// The family, such as `llama`.
    public var architecture: String
    /// Numbers in its weights.
    public var parameterCount: Int
    /// On disk.
    public var byteCount: Int
    /// The type of the weights as they came.
    public var sourceType: String
    /// The longest sequence, in tokens.
    public var contextLength: Int
    /// Transformer layers.
    public var layerCount: Int
    /// Tokens of the vocabulary.
    public var vocabularySize: Int
    /// The run that published it.
    public var run: String?

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, created: Int, ownedBy: String, kind: String, architecture: String) {
        self.id = id
        self.created = created
        self.ownedBy = ownedBy
        self.kind = kind
        self.architecture = architecture
        parameterCount = 0
        byteCount = 0
        sourceType = ""
        contextLength = 0
        layerCount = 0
        vocabularySize = 0
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Model",
        .object([
            .required("id", .string, "The model's name."),
            .required("object", .choice(["model"]), "Always `model`."),
            .required("created", .count, "Seconds since 1970."),
            .required("owned_by", .string, "`import`, `create`, or the run that published it."),
            .required("kind", .choice(["policy", "reward"]), "Whether it writes or scores."),
            .optional(
                "reward_kind",
                .choice(RewardKind.allCases.map { $0.rawValue }),
                "What a reward model says of texts."
            ),
            .required("architecture", .string, "The family, such as llama."),
            .required("parameter_count", .count, "Parameters."),
            .required("byte_count", .count, "Bytes on disk."),
            .required("source_type", .string, "The type of the weights as they came."),
            .required("context_length", .count, "The longest sequence, tokens."),
            .required("layer_count", .count, "Transformer layers."),
            .required("vocabulary_size", .count, "Tokens of the vocabulary."),
            .optional("run", .string, "The run that published it."),
        ])
    )
}
