import Domain

/// The probability that a completion beats another of its group.
struct SelfPlayWinRate: GroupAdvantageEstimator {
    static let name = "self_play_win_rate"
    static let summary =
        "Mean probability of being preferred to the group's other completions."
    static let source = "Swamy et al. 2024 (SPO), arXiv 2401.04056, algorithm 1"

    init(_ parameters: ParameterValues) {}

    /// The preference of one reward to another is logistic in their difference (Bradley-Terry).
    func advantages(ofScored rewards: [Double]) -> [Double] {
        rewards.enumerated().map { index, reward in
            let others = rewards.enumerated().filter { $0.offset != index }
            let wins = others.reduce(0) { $0 + sigmoid(reward - $1.element) }
            return wins / Double(others.count)
        }
    }
}
