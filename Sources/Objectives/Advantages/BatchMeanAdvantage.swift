import Domain

/// A completion's reward less the mean of the whole batch.
struct BatchMeanAdvantage: GroupAdvantageEstimator {
    static let name = "batch_mean"
    static let summary = "Reward less the mean reward of the whole batch, whatever the groups."
    static let source = "Williams 1992, Machine Learning 8, section 4 (reinforcement comparison)"
    static let isOverBatch = true
    static let minimumGroupSize = 1

    init(_ parameters: ParameterValues) {}

    func advantages(ofScored rewards: [Double]) -> [Double] {
        let mean = rewards.reduce(0, +) / Double(rewards.count)
        return rewards.map { $0 - mean }
    }
}
