import Domain

/// A completion's reward less the mean of the others'.
struct LeaveOneOutAdvantage: GroupAdvantageEstimator {
    static let name = "leave_one_out"
    static let aliases = ["rloo"]
    static let summary = "Reward less the mean reward of the group's other completions."
    static let source = "Ahmadian et al. 2024 (RLOO), arXiv 2402.14740"

    init(_ parameters: ParameterValues) {}

    func advantages(ofScored rewards: [Double]) -> [Double] {
        let sum = rewards.reduce(0, +)
        return rewards.map { $0 - (sum - $0) / Double(rewards.count - 1) }
    }
}
