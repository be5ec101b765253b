public import Domain

/// `POST /score`: vLLM's scores of pairs of texts.
public struct PairScoreRequest: Sendable, Hashable {
    /// A reward model's name; `nil` for the server's own reward.
    public var model: String?
    /// `text_1` as prompts, `text_2` as completions.
    public var texts: [ScoredText]
    /// Whether the score is sent through the logistic function.
    public var isActivated: Bool

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        let first = ScoredText.texts(checked["text_1"])
        let second = ScoredText.texts(checked["text_2"])
        guard first.count == 1 || first.count == second.count else {
            let message =
                "must be one text, or as many as text_2, \(second.count), not \(first.count)"
            throw Faults([Fault(path: "$.text_1", message: message)])
        }
        texts = second.enumerated().map { index, text in
            ScoredText(prompt: first.count == 1 ? first[0] : first[index], completion: text)
        }
        model = ScoredText.model(checked)
        isActivated = checked["use_activation"]?.boolValue ?? false
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "PairScoreRequest",
        .openObject([
            ScoredText.model,
            .required("text_1", ScoredText.schema, "The prompt of all, or one for each of text_2."),
            .required("text_2", ScoredText.schema, "The completions."),
            .optional(
                "use_activation",
                .nullable(.bool),
                "Whether to send scores through the logistic function; false unless said."
            ),
        ])
    )
}
