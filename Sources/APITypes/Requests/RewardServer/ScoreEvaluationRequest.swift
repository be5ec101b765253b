public import Domain

/// `POST /v1/score/evaluation`: LLaMA-Factory's remote reward model.
public struct ScoreEvaluationRequest: Sendable, Hashable {
    /// A reward model's name; `nil` for the server's own reward.
    public var model: String?
    /// The whole texts, without prompts.
    public var texts: [ScoredText]

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        texts = ScoredText.texts(checked["messages"]).map { ScoredText(completion: $0) }
        model = ScoredText.model(checked)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ScoreEvaluationRequest",
        .openObject([
            ScoredText.model,
            .required(
                "messages",
                .list(.string, count: 1...ScoredText.limit),
                "Prompt and completion, as one text each."
            ),
            .optional(
                "max_length",
                .nullable(.integer(1...Int(Int32.max))),
                "Not used: the reward model's own limit holds."
            ),
        ])
    )
}
