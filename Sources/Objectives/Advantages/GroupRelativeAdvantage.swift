import Domain

/// A completion's reward, standardised within its group.
struct GroupRelativeAdvantage: GroupAdvantageEstimator {
    static let name = "group_relative"
    static let aliases = ["grpo"]
    static let summary = "Reward less the group's mean, divided by its standard deviation."
    static let source = "Shao et al. 2024 (GRPO), arXiv 2402.03300, section 4.1.2"
    static let parameters = [
        ParameterDescription(
            "epsilon",
            .number(.nonNegative),
            default: 1e-4,
            "Added to the standard deviation, so that near-equal rewards are not blown up."
        )
    ]

    private let epsilon: Double

    init(_ parameters: ParameterValues) { epsilon = parameters.number("epsilon") }

    /// The deviation is the unbiased one (n - 1); equal rewards give 0 whatever `epsilon` is,
    /// where the rounding of their mean would otherwise be standardised.
    func advantages(ofScored rewards: [Double]) -> [Double] {
        if rewards.allSatisfy({ $0 == rewards[0] }) { return rewards.map { _ in 0 } }
        let count = Double(rewards.count)
        let mean = rewards.reduce(0, +) / count
        let variance = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return rewards.map { ($0 - mean) / (variance.squareRoot() + epsilon) }
    }
}
