public import Domain

/// `POST /v1/rollouts`.
public struct RolloutsRequest: Sendable, Hashable {
    /// A model's name or RUN@ITERATION; `nil` when `run` is given.
    public var model: String?
    /// A run whose newest weights sample.
    public var run: String?
    /// What to complete; the reply has a group of completions for each.
    public var prompts: [Prompt]
    /// Completions for each prompt.
    public var count: Int
    /// How completions are drawn.
    public var sampling: SamplingParameters
    /// How they are chosen.
    public var strategy: SamplingStrategy
    /// What they are chosen by, as written: `{"name":"…", …}`.
    public var reward: Value?
    /// Equal seeds, prompts and weights give equal completions.
    public var seed: UInt64
    /// Whether the rollouts are kept and get ids.
    public var stores: Bool
    /// Whether the reference policy's log-probabilities are wanted.
    public var includesReference: Bool

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        if (checked["model"] == nil) == (checked["run"] == nil), value.objectValue != nil {
            faults.append(Fault(path: "$.model", message: "or run must be given, and not both"))
        }
        if checked["stream"]?.boolValue == true {
            let message = "is not offered yet; leave it out and read the whole reply"
            faults.append(Fault(path: "$.stream", message: message))
        }
        if value.objectValue != nil { faults += StrategySchema.contradictions(checked) }
        if !faults.isEmpty { throw Faults(faults) }
        model = checked["model"]?.stringValue
        run = checked["run"]?.stringValue
        prompts = (checked["prompts"]?.arrayValue ?? []).map(PromptInput.prompt)
        count = checked["n"]?.integerValue ?? 1
        sampling = SamplingSchema.parameters(checked["sampling"])
        sampling.repetitionPenalty = SamplingSchema.repetitionPenalty(checked["sampling"])
        strategy = StrategySchema.strategy(checked["sampling"])
        reward = checked["reward"]
        seed = UInt64(clamping: checked["sampling"]?["seed"]?.integerValue ?? 0)
        stores = checked["store"]?.boolValue ?? false
        includesReference = checked["reference"]?.boolValue ?? false
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "RolloutsRequest",
        .object([
            .optional("model", .text, "A model's name or RUN@ITERATION."),
            .optional("run", .text, "A run, in place of a model: its newest weights sample."),
            .required(
                "prompts",
                .list(PromptInput.schema, count: 1...65_536),
                "Texts, lists of messages or lists of token ids."
            ),
            .field("n", .integer(1...1024), default: 1, "Completions for each prompt."),
            .field("sampling", sampling, default: [:], "How completions are drawn."),
            .optional(
                "reward",
                CatalogueEntrySchema.reward,
                "What best_of_n and rejection choose by: any entry of GET /v1/rewards."
            ),
            .field("store", .bool, default: false, "Whether the rollouts are kept and get ids."),
            .field(
                "reference",
                .bool,
                default: false,
                "Whether the reference policy's log-probabilities are wanted."
            ),
            .field("stream", .bool, default: false, "Not offered yet: must be false."),
        ])
    )

    private static let sampling = Schema.named(
        "Sampling",
        .object(
            SamplingSchema.fields + StrategySchema.fields + [
                .field("seed", .count, default: 0, "Equal seeds give equal completions.")
            ]
        )
    )
}
