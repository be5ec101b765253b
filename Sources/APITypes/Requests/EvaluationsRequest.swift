public import Domain

/// `POST /v1/evaluations`.
public struct EvaluationsRequest: Sendable, Hashable {
    /// What is asked for.
    public var order: EvaluationOrder

    /// Reads a request; all faults at once.
    ///
    /// What an evaluation may not combine is refused where it is queued.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        for field in ["prompts", "pairs", "items"] {
            faults += RunSpecReader.sourceFaults(checked[field], "$.\(field)")
        }
        if !faults.isEmpty { throw Faults(faults) }
        order = EvaluationOrder(
            models: (checked["models"]?.arrayValue ?? []).compactMap(\.stringValue),
            reference: checked["reference"]?.stringValue,
            prompts: Self.source(checked["prompts"]),
            pairs: Self.source(checked["pairs"]),
            items: Self.source(checked["items"]),
            rewards: checked["rewards"]?.arrayValue ?? [],
            groupSize: checked["n"]?.integerValue ?? 1,
            sampling: SamplingSchema.parameters(checked["sampling"]),
            seed: UInt64(clamping: checked["seed"]?.integerValue ?? 0),
            shownSamples: checked["samples"]?.integerValue ?? 3
        )
    }

    /// A list of records, or an object that says where they are.
    private static func source(_ checked: Value?) -> DataSource? {
        checked?.arrayValue.map { .items($0) } ?? RunSpecReader.source(checked)
    }

    private static let source = Schema.oneOf([
        .list(.any, count: 1...65_536), RunSpecSchema.source,
    ])

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "EvaluationsRequest",
        .object([
            .field(
                "models",
                .list(.text, count: 0...EvaluationOrder.mostModels),
                default: [],
                "Models that complete the prompts; the first is compared with the second."
            ),
            .optional(
                "reference",
                .text,
                "The model that the KL is measured to; the one that each was trained from unless said."
            ),
            .optional("prompts", source, "What the models complete: a list, or a file."),
            .optional("pairs", source, "Pairs whose better side is known, for the rewards."),
            .optional("items", source, "Completions to compare two rewards on."),
            .field(
                "rewards",
                .list(CatalogueEntrySchema.reward, count: 0...16),
                default: [],
                "Entries of GET /v1/rewards."
            ),
            .field("n", .integer(1...256), default: 1, "Completions for each prompt."),
            .field(
                "sampling",
                .object(SamplingSchema.fields),
                default: [:],
                "How completions are drawn."
            ),
            .field("seed", .count, default: 0, "Equal seeds give equal completions."),
            .field("samples", .integer(0...1000), default: 3, "Completions that are shown."),
        ])
    )
}
