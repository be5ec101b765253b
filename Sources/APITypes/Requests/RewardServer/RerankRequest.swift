public import Domain

/// `POST /rerank`: documents in the order of their scores.
public struct RerankRequest: Sendable, Hashable {
    /// A reward model's name; `nil` for the server's own reward.
    public var model: String?
    /// The query as every prompt, the documents as completions.
    public var texts: [ScoredText]
    /// How many are returned.
    public var count: Int

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        let query = checked["query"]?.stringValue ?? ""
        texts = ScoredText.texts(checked["documents"]).map {
            ScoredText(prompt: query, completion: $0)
        }
        let top = checked["top_n"]?.integerValue ?? 0
        count = top == 0 ? texts.count : min(top, texts.count)
        model = ScoredText.model(checked)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "RerankRequest",
        .openObject([
            ScoredText.model,
            .required("query", .string, "The prompt."),
            .required(
                "documents",
                .list(.string, count: 1...ScoredText.limit),
                "The completions."
            ),
            .optional(
                "top_n",
                .nullable(.integer(0...Int(Int32.max))),
                "How many of the best are returned; 0 or absent: all."
            ),
        ])
    )
}
