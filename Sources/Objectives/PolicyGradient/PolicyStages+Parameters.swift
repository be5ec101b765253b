import Domain

extension PolicyStages {
    /// The parameters that set a stage, by the stage's name: what a preset is shown by.
    static let parametersOfStage: [(stage: String, parameters: [String])] = [
        ("ratio", ["ratio", "ratio_base"]),
        (
            "surrogate",
            [
                "surrogate", "clip_low", "clip_high", "clip_bounds", "dual_clip", "gate_positive",
                "gate_negative",
            ]
        ),
        (
            "off_policy",
            ["importance_cap", "importance_floor", "importance_mode", "drift_limit"]
        ),
        ("kl", ["kl_coefficient", "kl_estimator", "kl_placement"]),
        ("entropy", ["entropy_coefficient"]),
        ("aggregation", ["aggregation", "max_length"]),
    ]

    /// All parameters, with a preset's defaults.
    static func parameters(_ preset: PolicyPreset) -> [ParameterDescription] {
        surrogateParameters(preset) + penaltyParameters(preset) + ImportanceCorrection.parameters
            + LossAggregation.parameters(preset.aggregation)
    }

    private static func surrogateParameters(_ preset: PolicyPreset) -> [ParameterDescription] {
        [
            choice("ratio", preset.ratio, "What the ratio of new to old probability is of."),
            ParameterDescription(
                "ratio_base",
                .choice(["old", "behavior"]),
                default: "old",
                "Whose probability the ratio is taken to: the policy's at the start of the update, or the sampler's."
            ),
            choice("surrogate", preset.surrogate, "How ratio and advantage become a loss."),
            ParameterDescription(
                "clip_low",
                .number(.unit),
                default: .number(preset.clipLow),
                "How far below 1 the ratio may fall before it is clipped."
            ),
            ParameterDescription(
                "clip_high",
                .number(.nonNegative),
                default: .number(preset.clipHigh),
                "How far above 1 the ratio may rise before it is clipped."
            ),
            choice(
                "clip_bounds",
                preset.clipBounds,
                "Whether the lower bound is 1 - clip_low or 1 / (1 + clip_low)."
            ),
            ParameterDescription(
                "dual_clip",
                .number(NumericRange(1, .infinity, includesLower: false)),
                default: .null,
                "The ratio beyond which tokens of negative advantage give no gradient; none by default."
            ),
            ParameterDescription(
                "gate_positive",
                .number(.positive),
                default: 1,
                "How sharply the sigmoid surrogate closes for positive advantages."
            ),
            ParameterDescription(
                "gate_negative",
                .number(.positive),
                default: 1.05,
                "How sharply the sigmoid surrogate closes for negative advantages."
            ),
        ]
    }

    private static func penaltyParameters(_ preset: PolicyPreset) -> [ParameterDescription] {
        [
            ParameterDescription(
                "kl_coefficient",
                .number(.nonNegative),
                default: .number(preset.klCoefficient),
                "The weight of the KL penalty to the reference."
            ),
            choice(
                "kl_estimator",
                preset.klEstimator,
                "How the KL is taken: from one token's log-ratio, or exactly over the vocabulary."
            ),
            choice(
                "kl_placement",
                preset.klPlacement,
                "Whether the penalty stands in the loss, or comes off the advantage as a constant."
            ),
            ParameterDescription(
                "entropy_coefficient",
                .number(.nonNegative),
                default: 0,
                "The weight of the bonus on the policy's entropy."
            ),
        ]
    }

    private static func choice<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        _ preset: Word,
        _ meaning: String
    ) -> ParameterDescription where Word.RawValue == String {
        ParameterDescription(
            name,
            .choice(Word.allCases.map(\.rawValue)),
            default: .string(preset.rawValue),
            meaning
        )
    }
}
