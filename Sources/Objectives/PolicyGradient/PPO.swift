import Domain

/// Proximal policy optimisation over tokens, with an optional value head in the same step.
struct PPO: PolicyGradientObjective {
    static let name = "ppo"
    static let summary = "Clipped policy gradient over all tokens, with an optional value loss."
    static let source = "Schulman et al. 2017, arXiv 1707.06347, equations 7 and 9"
    static let policy = PolicyPreset()
    static let parameters =
        PolicyStages.parameters(policy) + [
            ParameterDescription(
                "value_coefficient",
                .number(.nonNegative),
                default: 0,
                "The weight of the value head's loss; 0 trains no value head."
            ),
            ParameterDescription(
                "value_clip_range",
                .number(.positive),
                default: .null,
                "How far values may move from those of the rollout; unlimited by default."
            ),
        ]

    let stages: PolicyStages
    private let value: ValueTerms
    private let valueCoefficient: Double

    init(_ parameters: ParameterValues) {
        stages = PolicyStages(parameters)
        value = ValueTerms(clipRange: parameters.optionalNumber("value_clip_range"))
        valueCoefficient = parameters.number("value_coefficient")
    }

    var requirements: DataRequirements {
        let valueFields = valueCoefficient > 0 ? value.fields : []
        return DataRequirements(.sequences, stages.fields.union(valueFields))
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let loss = try stages.loss(token)
        return valueCoefficient > 0 ? loss + valueCoefficient * (try value.loss(token)) : loss
    }
}
