import Domain

/// Only the best completion of a group is learned from.
struct BestMinusSecond: GroupAdvantageEstimator {
    static let name = "best_minus_second"
    static let aliases = ["pass_at_k"]
    static let summary = "The best completion gets its reward less the second best's, the others 0."
    static let source = "Tang et al. 2025, arXiv 2503.19595, equation 9; verl, grpo_passk"

    init(_ parameters: ParameterValues) {}

    /// Where the best are equal nothing is gained by any of them.
    func advantages(ofScored rewards: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: rewards.count)
        let ranked = rewards.indices.sorted {
            rewards[$0] == rewards[$1] ? $0 < $1 : rewards[$0] > rewards[$1]
        }
        result[ranked[0]] = rewards[ranked[0]] - rewards[ranked[1]]
        return result
    }
}
