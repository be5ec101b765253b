import Domain

/// REINFORCE++: no critic, the batch is the baseline.
struct ReinforcePlusPlus: PolicyGradientObjective {
    static let name = "reinforce_plus_plus"
    static let aliases = ["reinforce++"]
    static let summary =
        "Clipped policy gradient with returns that are normalised over the whole batch."
    static let source = "Hu 2025, arXiv 2501.03262"
    static let policy = PolicyPreset()
    static let preset = StagePreset(
        advantage: "return_to_go",
        rewards: [NamedParameters(name: "clip")],
        rewardKL: .init(coefficient: 0.01),
        whiten: .batch
    )

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
