import Domain

/// A completion's reward less its group's mean.
struct GroupMeanAdvantage: GroupAdvantageEstimator {
    static let name = "group_mean"
    static let aliases = ["dr_grpo"]
    static let summary = "Reward less the group's mean, not divided by the deviation."
    static let source = "Liu et al. 2025 (Dr. GRPO), arXiv 2503.20783"

    init(_ parameters: ParameterValues) {}

    func advantages(ofScored rewards: [Double]) -> [Double] {
        let mean = rewards.reduce(0, +) / Double(rewards.count)
        return rewards.map { $0 - mean }
    }
}
