import Domain

/// GRPO without its length bias: sums over tokens are divided by one fixed length.
struct DrGRPO: PolicyGradientObjective {
    static let name = "dr_grpo"
    static let summary = "Clipped policy gradient summed over tokens and divided by a fixed length."
    static let source = "Liu et al. 2025, arXiv 2503.20783"
    static let policy = PolicyPreset(aggregation: .fixedLength)
    static let preset = StagePreset(advantage: "group_mean")

    let stages: PolicyStages

    init(_ parameters: ParameterValues) { stages = PolicyStages(parameters) }
}
