public import Domain

/// `POST /classify`: vLLM's classes of texts, of which a reward model has one.
public struct ClassifyRequest: Sendable, Hashable {
    /// A reward model's name; `nil` for the server's own reward.
    public var model: String?
    /// The whole texts, without prompts.
    public var texts: [ScoredText]
    /// Whether the score is sent through the logistic function.
    public var isActivated: Bool

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        texts = ScoredText.texts(checked["input"]).map { ScoredText(completion: $0) }
        model = ScoredText.model(checked)
        isActivated = checked["use_activation"]?.boolValue ?? true
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ClassifyRequest",
        .openObject([
            ScoredText.model,
            .required("input", ScoredText.schema, "Prompt and completion, as one text each."),
            .optional(
                "use_activation",
                .nullable(.bool),
                "Whether to send scores through the logistic function; true unless said, as in vLLM."
            ),
        ])
    )
}
