import Domain

/// The replies of the shapes in which other trainers ask for rewards.
///
/// vLLM's also have `usage`; it is left out, because scoring counts no tokens here.
public enum RewardServerSchemas {
    /// OpenRLHF's `/get_reward`.
    public static let rewards = Schema.named(
        "GetRewardReply",
        .object([
            .required("rewards", .list(.number(.any)), "One of each query, in their order."),
            .required("scores", .list(.number(.unit)), "The same from 0 to 1, for filters."),
            .required(
                "extra_logs",
                .map(.list(.number(.any))),
                "The reward's parts by name, where every query has them; `uncertainty` likewise."
            ),
        ])
    )

    /// vLLM's `/score`.
    public static let scores = list(
        "PairScoreReply",
        of: .object([
            .required("index", .count, "Place in the request."),
            .required("object", .choice(["score"]), "Always `score`."),
            .required("score", .number(.any), "The reward."),
        ])
    )

    /// vLLM's `/classify`.
    public static let classes = list(
        "ClassifyReply",
        of: .object([
            .required("index", .count, "Place in the request."),
            .required("label", .string, "Always `LABEL_0`."),
            .required("probs", .list(.number(.any), count: 1...1), "The reward."),
            .required("num_classes", .integer(1...1), "Always 1."),
        ])
    )

    /// LLaMA-Factory's `/v1/score/evaluation`.
    public static let evaluation = Schema.named(
        "ScoreEvaluationReply",
        .object([
            .required("id", .string, "A name for this reply."),
            .required("object", .choice(["score.evaluation"]), "Always `score.evaluation`."),
            .required("model", .string, "What scored."),
            .required("scores", .list(.number(.any)), "One of each text, in their order."),
        ])
    )

    /// vLLM's `/rerank`.
    public static let ranking = Schema.named(
        "RerankReply",
        .object([
            .required("id", .string, "A name for this reply."),
            .required("model", .string, "What scored."),
            .required(
                "results",
                .list(
                    .object([
                        .required("index", .count, "Place in the request."),
                        .required(
                            "document",
                            .object([.required("text", .string, "As it was sent.")]),
                            "What was scored."
                        ),
                        .required("relevance_score", .number(.any), "The reward."),
                    ])
                ),
                "The best first; of equals the one that came first."
            ),
        ])
    )

    private static func list(_ name: String, of element: Schema) -> Schema {
        .named(
            name,
            .object([
                .required("id", .string, "A name for this reply."),
                .required("object", .choice(["list"]), "Always `list`."),
                .required("created", .count, "Seconds since 1970."),
                .required("model", .string, "What scored."),
                .required("data", .list(element), "One of each text."),
            ])
        )
    }
}
