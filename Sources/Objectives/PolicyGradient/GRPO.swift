import Domain

/// Group relative policy optimisation: every sequence counts the same, whatever its length.
struct GRPO: PolicyGradientObjective {
    static let name = "grpo"
    static let summary =
        "Clipped policy gradient averaged over tokens, then over sequences, with a KL penalty."
    static let source = "Shao et al. 2024, arXiv 2402.03300, equation 3"
    static let policy = PolicyPreset(aggregation: .sequenceMean, klCoefficient: 0.04)
    static let preset = StagePreset()

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
