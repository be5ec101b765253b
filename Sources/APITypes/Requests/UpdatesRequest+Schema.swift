import Domain

extension UpdatesRequest {
    /// The shape of the request.
    public static let schema = Schema.named(
        "UpdatesRequest",
        .object([
            .required("run", .text, "An external run's id or name."),
            .optional(
                "expected_policy_version",
                .count,
                "Refused with 409 when the policy has another version."
            ),
            .optional("objective", CatalogueEntrySchema.objective, "The run's own unless said."),
            .optional("learning_rate", .number(.nonNegative), "The run's schedule unless said."),
            .required(
                "batch",
                .object([
                    .optional("pairs", .list(pair, count: 1...65_536), "Preference pairs."),
                    .optional("groups", .list(group, count: 1...65_536), "Groups of one prompt."),
                    .optional("sequences", .list(single, count: 1...65_536), "Single sequences."),
                ]),
                "Exactly one of pairs, groups and sequences."
            ),
        ])
    )

    private static let logprobs = Schema.list(.number(.any))

    private static let sideFields: [FieldDescription] = [
        .optional("rollout_id", .count, "A stored rollout."),
        .optional("completion", .string, "A text; the model's end token follows it."),
        .optional("tokens", PromptInput.tokens, "Token ids of the completion."),
        .optional("reference_logprobs", logprobs, "Per token; computed when needed and absent."),
        .optional("old_logprobs", logprobs, "Per token, at the start of the iteration."),
        .optional("behavior_logprobs", logprobs, "Per token, of what sampled it."),
        .optional("advantages", .list(.number(.any)), "Per token."),
        .optional("reward", .number(.any), "Of the whole completion."),
        .field("weight", .number(.nonNegative), default: 1, "How much it counts."),
        .optional("label", .bool, "Desirable or not, for unpaired objectives."),
    ]

    private static let completion = Schema.named(
        "TrainingCompletion",
        .oneOf([.count, .string, .object(sideFields)])
    )

    private static let single = Schema.named(
        "TrainingSequence",
        .object([.optional("prompt", PromptInput.schema, "What it answers.")] + sideFields)
    )

    private static let pair = Schema.named(
        "TrainingPair",
        .object([
            .optional("prompt", PromptInput.schema, "What both answer."),
            .required("chosen", completion, "The better one: rollout id, text or fields."),
            .required("rejected", completion, "The worse one: rollout id, text or fields."),
            .optional("margin", .number(.any), "The reward gap."),
        ])
    )

    private static let group = Schema.named(
        "TrainingGroup",
        .object([
            .optional("prompt", PromptInput.schema, "What all answer."),
            .required("completions", .list(completion, count: 1...1024), "The completions."),
        ])
    )
}
