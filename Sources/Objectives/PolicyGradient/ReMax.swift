import Domain

/// ReMax: REINFORCE with the greedy completion's reward as its baseline.
struct ReMax: PolicyGradientObjective {
    static let name = "remax"
    static let summary = "Policy gradient against the reward of the greedy completion."
    static let source = "Li et al. 2023, arXiv 2310.10505, algorithm 1"
    static let policy = PolicyPreset(
        ratio: .none,
        surrogate: .likelihood,
        klCoefficient: 0.05,
        klEstimator: .k1,
        klPlacement: .advantage
    )
    static let preset = StagePreset(advantage: "greedy_baseline")

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
