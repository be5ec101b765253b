import Domain

/// The nested objects of a run spec.
extension RunSpecSchema {
    static let sampling = Schema.named(
        "RunSampling",
        .object(
            [
                .field(
                    "group_size",
                    .integer(1...1024),
                    default: 8,
                    "Completions drawn for one prompt."
                ),
                .optional(
                    "refill",
                    LoopSchema.refill,
                    "Replace groups that filters have emptied, or that gave no pair, by further "
                        + "prompts."
                ),
            ] + SamplingSchema.fields
        )
    )

    static let feedback = Schema.object([
        .field("mode", .choice(["reward"]), default: "reward", "The reward decides all pairs.")
    ])

    static let evaluation = Schema.named(
        "RunEvaluation",
        .object([
            .field("every", .integer(1...1_000_000), default: 1, "Iterations between evaluations."),
            .required("prompts", source, "The held-out prompts."),
            .field("group_size", .integer(1...1024), default: 1, "Completions for one prompt."),
            .field(
                "rewards",
                .list(CatalogueEntrySchema.reward),
                default: [],
                "Rewards that are measured but not trained on."
            ),
            .optional(
                "pairs",
                source,
                "Held-out pairs: how often the policy, and its log-ratio to the reference, rank "
                    + "them right."
            ),
        ])
    )

    static let stop = Schema.object([
        .optional("max_kl", .number(.positive), "Stop above this sequence KL, nat."),
        .optional("max_minutes", .number(.positive), "Stop after this time, minutes."),
    ])

    static let adapter = Schema.object([
        .field("name", .choice(["lora"]), default: "lora", "Low-rank adapters (Hu et al. 2021)."),
        .field("rank", .integer(1...4096), default: 16, "The adapters' inner dimension."),
        .field("alpha", .number(.positive), default: 32, "The adapters count alpha/rank times."),
    ])

    private static let adamw = OptimizerSpec()

    static let optimizer = Schema.named(
        "Optimizer",
        .object([
            .field(
                "name",
                .choice(["adamw"]),
                default: "adamw",
                "AdamW (Loshchilov, Hutter 2019)."
            ),
            .field(
                "learning_rate",
                .number(NumericRange(0, 10, includesLower: false)),
                default: .number(adamw.learningRate),
                "The highest learning rate."
            ),
            .field(
                "schedule",
                choice(OptimizerSpec.Schedule.self),
                default: .string(adamw.schedule.rawValue),
                "How the rate moves after warm-up."
            ),
            .field(
                "warmup_steps",
                .integer(0...1_000_000_000),
                default: .integer(adamw.warmupSteps),
                "Steps over which the rate rises from zero."
            ),
            .field(
                "beta1",
                .number(momentum),
                default: .number(adamw.beta1),
                "First moment's decay."
            ),
            .field(
                "beta2",
                .number(momentum),
                default: .number(adamw.beta2),
                "Second moment's decay."
            ),
            .field(
                "epsilon",
                .number(.positive),
                default: .number(adamw.epsilon),
                "Added to the second moment's root."
            ),
            .field(
                "weight_decay",
                .number(.nonNegative),
                default: .number(adamw.weightDecay),
                "Decoupled decay of matrices; norms and biases have none."
            ),
            .field(
                "gradient_clip",
                .number(.nonNegative),
                default: .number(adamw.gradientClip),
                "The largest global gradient norm; 0 turns clipping off."
            ),
        ])
    )

    private static let momentum = NumericRange(0, 1, includesUpper: false)
    private static let head = RewardModelSpec()

    static let rewardModel = Schema.named(
        "RewardModelHead",
        .object([
            .optional(
                "layers",
                .integer(1...10_000),
                "Layers the backbone keeps; all unless said."
            ),
            .field(
                "pooling",
                choice(RewardModelSpec.Pooling.self),
                default: .string(head.pooling.rawValue),
                "The hidden states that the head sees."
            ),
            .field(
                "template",
                .text,
                default: .string(head.template),
                "The scored text; {prompt} and {completion} are replaced."
            ),
            .optional(
                "head_fit",
                choice(RewardModelSpec.HeadFit.self),
                "How the head is fitted on the frozen backbone before gradient steps; unless said as "
                    + "the objective learns: bradley_terry on pairs, ridge on ratings, logistic on "
                    + "labels, plackett_luce on ranked lists."
            ),
            .field(
                "l2",
                .number(.nonNegative),
                default: .number(head.headL2),
                "Strength of the head's L2 penalty, on standardised features."
            ),
            .field(
                "holdout",
                .number(NumericRange(0, 0.9)),
                default: .number(head.holdout),
                "Share of the data held out for the accuracy."
            ),
            .field(
                "minimum_margin",
                .number(.nonNegative),
                default: .number(head.minimumMargin),
                "Pairs are made of ratings that differ by at least this much."
            ),
            .optional(
                "head",
                .oneOf([
                    .choice(RewardKind.allCases.map { $0.rawValue }),
                    .openObject([
                        .required(
                            "name",
                            .choice(RewardKind.allCases.map { $0.rawValue }),
                            "The kind of head."
                        )
                    ]),
                ]),
                "What stands on the backbone, with its settings (docs/rewards/reward-models.md): "
                    + "scalar unless said."
            ),
            .optional(
                "fit_labels",
                choice(RewardModelSpec.FitLabels.self),
                "What the head fit takes a pair for: hard (the chosen one is better; the default), "
                    + "soft (by its preference_probability), margin (by its margin at least)."
            ),
        ])
    )
}
