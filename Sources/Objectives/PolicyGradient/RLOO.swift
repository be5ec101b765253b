import Domain

/// REINFORCE leave-one-out: a completion is one action, its baseline the others of its group.
struct RLOO: PolicyGradientObjective {
    static let name = "rloo"
    static let summary =
        "Clipped policy gradient of whole sequences against the mean of the group's others."
    static let source = "Ahmadian et al. 2024, arXiv 2402.14740"
    static let policy = PolicyPreset(ratio: .sequenceSum, aggregation: .sequenceMean)
    static let preset = StagePreset(
        advantage: "leave_one_out",
        rewardKL: .init(coefficient: 0.05)
    )

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
