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
                    "temperatures",
                    .list(.number(NumericRange(0, 100)), count: 1...64),
                    "Online, in place of temperature: a group's completions are dealt to these in even "
                        + "blocks, so group_size must be a multiple of how many there are; opponents "
                        + "and held-out completions are drawn at the first."
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

    static let opponent = Schema.named(
        "RunOpponent",
        .object([
            .required(
                "mixture",
                .number(.unit),
                "The reference's share m in the mixture policy^(1-m) reference^m that each token is "
                    + "drawn from: 0 is the policy, 1 the reference."
            ),
            .field("count", .integer(1...1024), default: 1, "Completions drawn for one prompt."),
        ])
    )

    static let valueModel = Schema.named(
        "RunValueModel",
        .object([
            .field(
                "name",
                choice(ValueModelSpec.Name.self),
                default: .string(ValueModelSpec.Name.head.rawValue),
                "head: one more output of the policy's own trunk; separate: a model with weights and "
                    + "moments of its own, clipped apart."
            ),
            .optional(
                "model",
                .text,
                "What a separate one begins as: a language model or a reward model (whose backbone is "
                    + "taken); the policy's model unless said."
            ),
            .field(
                "warmup_iterations",
                .integer(0...1_000_000),
                default: 0,
                "The first iterations, in which the values alone learn (online)."
            ),
            .optional(
                "learning_rate",
                .nullable(.number(NumericRange(0, 10, includesLower: false))),
                "The highest learning rate of the values, on the optimizer's schedule; its "
                    + "learning_rate unless said."
            ),
        ])
    )

    static let evaluation = Schema.named(
        "RunEvaluation",
        .object([
            .field("every", .integer(1...1_000_000), default: 1, "Iterations between evaluations."),
            .optional(
                "prompts",
                source,
                "The held-out prompts; without them nothing is drawn, and pairs must be given."
            ),
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
        .optional(
            "max_length",
            .number(.positive),
            "Stop when completions, held-out ones where there are any, are longer on average, tokens."
        ),
        .optional(
            "min_entropy",
            .number(.positive),
            "Stop when the policy's mean entropy in an iteration's steps falls below, nat a token."
        ),
        .optional(
            "max_gold_drop",
            .number(.positive),
            "Stop when a reward of evaluation.rewards has fallen this far from its best while the "
                + "trained reward on the same prompts has risen since."
        ),
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
