public import Domain

/// An objective or a reward with its parameters: what drives forms and `hone objectives`.
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

    /// As spelled in requests.
    public var name: String
    /// `objective`, `advantage` or `reward`.
    public var object: String
    /// One sentence.
    public var summary: String
    /// The paper or rule it follows.
    public var source: String?
    /// All that it takes, in the order of the catalogue.
    public var parameters: [Parameter]

    /// Makes one; fields that are not named here can be set after.
    public init(
        name: String,
        object: String,
        summary: String,
        source: String? = nil,
        parameters: [ParameterDescription]
    ) {
        self.name = name
        self.object = object
        self.summary = summary
        self.source = source
        self.parameters = parameters.map { description in
            Parameter(
                name: description.name,
                meaning: description.meaning,
                required: description.defaultValue == nil,
                default: description.defaultValue,
                schema: Schema(description.kind).jsonSchema
            )
        }
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "CatalogueEntry",
        .object([
            .required("name", .string, "What `name` fields take."),
            .required("object", .string, "objective, advantage or reward."),
            .required("summary", .string, "One sentence."),
            .optional("source", .string, "The paper or rule it follows."),
            .required("parameters", .list(parameter), "Its parameters."),
        ])
    )

    private static let parameter = Schema.object([
        .required("name", .string, "As spelled in a spec."),
        .required("meaning", .string, "In plain words."),
        .required("required", .bool, "Whether it has no default."),
        .optional("default", .any, "Its value when left out."),
        .required("schema", .openObject([]), "A JSON schema of its values."),
    ])
}
