import Domain

/// The shape of what comes of an evaluation.
public enum EvaluationResultSchema {
    /// Checks a result and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "EvaluationResult",
        .object([
            .required("models", .list(model), "Each model on the prompts."),
            .required(
                "comparisons",
                .list(comparison),
                "The first model against the second, one for each reward."
            ),
            .required("rewards", .list(reward), "Each reward on the pairs."),
            .required("agreements", .list(agreement), "Each two rewards on the same texts."),
        ])
    )

    private static let number = Schema.number(.any)

    private static let interval = Schema.named(
        "Interval",
        .object([
            .required("lower", number, "The lower end."),
            .required("upper", number, "The upper end."),
            .required("level", number, "How often such an interval holds the true figure."),
        ])
    )

    private static let mean = Schema.named(
        "MeanEstimate",
        .object([
            .required("mean", number, "The mean of all numbers."),
            .optional("deviation", number, "Their deviation (n - 1)."),
            .required("count", .count, "How many numbers."),
            .optional("interval", interval, "Student's, whose observations are the prompts."),
        ])
    )

    private static let winRate = Schema.named(
        "WinRate",
        .object([
            .required("rate", .number(.unit), "Wins and half of the ties, as a share."),
            .required("wins", .count, "Comparisons won."),
            .required("losses", .count, "Comparisons lost."),
            .required("ties", .count, "Comparisons that neither side won."),
            .optional("interval", interval, "Wilson's, or a bootstrap over prompts."),
        ])
    )

    private static let figures = Schema.object([
        .required("reward", .string, "The reward's name."),
        .required("mean", mean, "The mean over all scored completions."),
        .optional("bootstrap", interval, "The mean's interval by drawing prompts again."),
        .required("unscored", .count, "Completions without a score."),
        .required(
            "best_of_n",
            .list(
                .object([
                    .required("n", .count, "How many are chosen from."),
                    .required("reward", number, "The expected reward of the best."),
                    .required("divergence", number, "The KL that costs at most, nat."),
                    .required(
                        "others",
                        .list(
                            .object([
                                .required("reward", .string, "Another reward's name."),
                                .required("mean", number, "What it gives those chosen."),
                            ])
                        ),
                        "What other rewards give the completions chosen."
                    ),
                ])
            ),
            "The best of 1, 2, 4, ... completions."
        ),
        .required(
            "pass_at_k",
            .list(
                .object([
                    .required("k", .count, "How many may be tried."),
                    .required("rate", .number(.unit), "The chance that one of them is right."),
                ])
            ),
            "For rewards of 0 and 1."
        ),
    ])

    private static let model = Schema.named(
        "ModelMeasurement",
        .object([
            .required("model", .string, "The model's name or RUN@ITERATION."),
            .required("prompts", .count, "How many prompts."),
            .required("completions", .count, "Completions of all prompts together."),
            .required("rewards", .list(figures), "What each reward gave."),
            .optional(
                "length",
                .object(
                    ["mean", "shortest", "median", "ninetieth", "longest"].map {
                        .required($0, number, "Tokens of a completion.")
                    }
                ),
                "Tokens of a completion; `ninetieth`: nine of ten are no longer."
            ),
            .required("truncated_fraction", .number(.unit), "Completions cut at max_tokens."),
            .optional("entropy", number, "The mean entropy of a token's distribution, nat."),
            .optional("top_ten_mass", .number(.unit), "The mean mass of the ten likeliest tokens."),
            .required(
                "distinct",
                .list(.nullable(.number(.unit))),
                "Different n-grams of 1, 2 and 3 tokens as a share of all."
            ),
            .optional("self_bleu", .number(.unit), "BLEU-4 against the prompt's others."),
            .optional(
                "divergence",
                .object([
                    .required("reference", .string, "The reference's name."),
                    .required("k1", number, "The mean log-ratio of a completion, nat."),
                    .required("k3", number, "The mean of exp(-d) - 1 + d summed over tokens."),
                    .optional("exact", number, "The KL of the whole distributions, summed."),
                ]),
                "How far the model is from the reference."
            ),
            .required("samples", .list(sample), "Some completions."),
        ])
    )

    private static let sample = Schema.object([
        .required("prompt", .string, "As a reward sees it."),
        .required("completion", .string, "As it was drawn."),
        .required(
            "scores",
            .list(
                .object([
                    .required("reward", .string, "The reward's name."),
                    .optional("score", number, "Absent: unscored."),
                ])
            ),
            "What the rewards gave it."
        ),
    ])

    private static let comparison = Schema.named(
        "ModelComparison",
        .object([
            .required("reward", .string, "The reward's name."),
            .required("model", .string, "The model whose wins are counted."),
            .required("opponent", .string, "The model it is compared with."),
            .required("win_rate", winRate, "How often the model's completion is better."),
            .optional(
                "length_controlled",
                .object([
                    .required("rate", .number(.unit), "The win rate at equal lengths."),
                    .required("quality", number, "What the model is better by, log-odds."),
                    .required("length_effect", number, "Above 0: the longer one wins."),
                    .optional("interval", interval, "A bootstrap over prompts."),
                ]),
                "The same if both wrote equally long."
            ),
            .required("difference", mean, "What the model's completions get more."),
        ])
    )

    private static let reward = Schema.named(
        "RewardMeasurement",
        .object([
            .required("reward", .string, "The reward's name."),
            .required("pairs", .count, "Pairs that it scored."),
            .required("unscored", .count, "Pairs with a side it could not score."),
            .optional("figures", accuracy, "Absent when it scored no pair."),
        ])
    )

    private static let buckets = Schema.list(
        .object([
            .required("lower", number, "The smallest margin."),
            .required("upper", number, "The largest margin."),
            .required("count", .count, "How many pairs."),
            .required("accuracy", .number(.unit), "How often they are right."),
        ])
    )

    private static let part = Schema.object([
        .required("count", .count, "How many pairs."),
        .optional("accuracy", .number(.unit), "How often they are right."),
    ])

    private static let accuracy = Schema.object([
        .required("accuracy", winRate, "How often the better side is preferred."),
        .required("mean_lead", number, "What the better side leads by."),
        .required("by_lead", buckets, "By the size of the reward's own lead."),
        .required("by_margin", buckets, "By the margin that the data gives."),
        .required(
            "calibration",
            .object([
                .required("expected_error", .number(.unit), "ECE over ten ranges."),
                .required("brier", .number(.unit), "The mean squared error."),
                .required(
                    "bins",
                    .list(
                        .object([
                            .required("lower", number, "The range's lower end."),
                            .required("upper", number, "The range's upper end."),
                            .required("count", .count, "How many pairs."),
                            .required("confidence", number, "Their mean probability."),
                            .required("frequency", number, "How often they are right."),
                        ])
                    ),
                    "Ranges from 1/2 to 1."
                ),
            ]),
            "How sure the reward is, and how often it is right then."
        ),
        .optional("temperature", number, "What leads are divided by to be calibrated."),
        .required(
            "length_bias",
            .object([
                .optional("correlation", number, "Of the lead with the difference of lengths."),
                .optional("longer_wins", number, "How often the longer side is preferred."),
                .required("chosen_longer", part, "Pairs whose better side is longer."),
                .required("chosen_shorter", part, "Pairs whose better side is shorter."),
                .required("equal", part, "Pairs of equally long sides."),
            ]),
            "Whether it prefers what is longer; lengths are in characters."
        ),
    ])

    private static let correlations = Schema.object([
        .optional("pearson", number, "Of the scores."),
        .optional("spearman", number, "Of their ranks."),
        .optional("kendall", number, "Of their order (tau-b)."),
    ])

    private static let agreement = Schema.named(
        "RewardAgreement",
        .object([
            .required("first", .string, "A reward's name."),
            .required("second", .string, "Another reward's name."),
            .required("texts", .count, "Texts that both scored."),
            .required("overall", correlations, "Over all texts."),
            .required("within_prompts", correlations, "Means over prompts of several texts."),
            .optional("concordance", .number(.unit), "Pairs of a prompt ordered alike."),
            .required("starc", .number(.unit), "0: the same order of policies, 1: opposite."),
            .required(
                "disagreements",
                .list(
                    .object([
                        .required("prompt", .string, "What both texts answer."),
                        .required("first", .string, "What the first reward prefers."),
                        .required("second", .string, "What the second reward prefers."),
                        .required("first_lead", number, "By how many deviations."),
                        .required("second_lead", number, "By how many deviations."),
                    ])
                ),
                "Where they disagree most."
            ),
        ])
    )
}
