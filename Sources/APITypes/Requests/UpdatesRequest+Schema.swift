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
            .optional(
                "batch",
                .object([
                    .optional("pairs", .list(pair, count: 1...65_536), "Preference pairs."),
                    .optional("groups", .list(group, count: 1...65_536), "Groups of one prompt."),
                    .optional("sequences", .list(single, count: 1...65_536), "Single sequences."),
                ]),
                "Exactly one of pairs, groups and sequences; or feedback in its place."
            ),
            .optional(
                "feedback",
                .object([
                    .optional("run", .text, "Of this run's completions only, by id or name."),
                    .optional("iteration", .count, "Of this iteration only."),
                    .optional("annotator", .text, "By this annotator only."),
                    .optional("source", .text, "That came through this only."),
                    .field(
                        "again",
                        .bool,
                        default: false,
                        "Whether those that the run has learned from may be learned from again."
                    ),
                    .field(
                        "limit",
                        .integer(1...65_536),
                        default: 256,
                        "The most, the oldest first."
                    ),
                ]),
                "Stored verdicts that the objective can learn from, in place of a batch."
            ),
        ])
    )

    private static let fields: [FieldDescription] =
        [
            .optional("rollout_id", .count, "A stored rollout, with its log-probabilities."),
            .optional("completion", .string, "A text; the model's end token follows it."),
            .optional("tokens", PromptInput.tokens, "Token ids of the completion."),
        ] + SideFields.descriptions

    private static let completion = Schema.named(
        "TrainingCompletion",
        .oneOf([.count, .string, .object(fields)])
    )

    private static let single = Schema.named(
        "TrainingSequence",
        .object([.optional("prompt", PromptInput.schema, "What it answers.")] + fields)
    )

    private static let pair = Schema.named(
        "TrainingPair",
        .object(
            [
                .optional("prompt", PromptInput.schema, "What both answer."),
                .required("chosen", completion, "The better one: rollout id, text or fields."),
                .required("rejected", completion, "The worse one: rollout id, text or fields."),
                .optional("exploration", completion, "A third completion to explore with."),
                .optional("gold", completion, "A third completion, a demonstration."),
                .optional("margin", .number(.any), "The reward gap."),
                .optional(
                    "preference_probability",
                    .number(.unit),
                    "The probability that the chosen one is truly preferred."
                ),
                .field("weight", .number(.nonNegative), default: 1, "How much the pair counts."),
            ] + SideFields.ofPairs
        )
    )

    private static let group = Schema.named(
        "TrainingGroup",
        .object([
            .optional("prompt", PromptInput.schema, "What all answer."),
            .required("completions", .list(completion, count: 1...1024), "The completions."),
            .optional(
                "rewards",
                .list(.nullable(.number(.any)), count: 1...1024),
                "One for each completion; null is unscored."
            ),
            .field("weight", .number(.nonNegative), default: 1, "How much the group counts."),
        ])
    )
}
