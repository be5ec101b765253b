public import Domain

/// `POST /v1/rewards`.
public struct RewardsRequest: Sendable, Hashable {
    /// One text to score.
    public enum Item: Sendable, Hashable {
        case text(prompt: String, completion: String, item: Value)
        case rollout(Int)
    }

    /// The reward as written: `{"name":"…", …}`.
    public var reward: Value
    /// What to score; the reply has a score for each, in this order.
    public var items: [Item]

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        var items: [Item] = []
        for (index, item) in (checked["items"]?.arrayValue ?? []).enumerated() {
            let path = "$.items[\(index)]"
            switch (item["rollout_id"]?.integerValue, item["completion"]?.stringValue) {
            case (let id?, nil): items.append(.rollout(id))
            case (nil, let completion?):
                let prompt = item["prompt"]?.stringValue ?? ""
                items.append(
                    .text(
                        prompt: prompt,
                        completion: completion,
                        item: item["item"] ?? .object([:])
                    )
                )
            default:
                faults.append(
                    Fault(path: path, message: "must have either completion or rollout_id")
                )
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        reward = checked["reward"] ?? .null
        self.items = items
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "RewardsRequest",
        .object([
            .required("reward", CatalogueEntrySchema.reward, "Any entry of GET /v1/rewards."),
            .required(
                "items",
                .list(
                    .object([
                        .optional("prompt", .string, "What the completion answers."),
                        .optional("completion", .string, "The text to score."),
                        .optional(
                            "item",
                            .openObject([]),
                            "Further fields of the prompt's record, for graders."
                        ),
                        .optional("rollout_id", .count, "A stored rollout, in place of texts."),
                    ]),
                    count: 1...65_536
                ),
                "What to score."
            ),
        ])
    )
}
