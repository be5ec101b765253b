import Domain

/// How the scores of an ensemble's members become one.
///
/// Source: Coste et al. 2023, arXiv 2310.02743, section 4.1.
public enum EnsembleRule: Sendable, Hashable {
    /// Their mean.
    case mean
    /// The lowest (WCO).
    case worstCase
    /// The mean less the coefficient times their variance (UWO).
    case uncertaintyWeighted(Double)

    /// The reward of a text, and how far the members are apart.
    ///
    /// - Parameters:
    ///   - mean: the model's score; `nil` when it gave no finite number.
    ///   - members: the members' scores; fewer than two for a model that is no ensemble.
    /// - Returns: a score, or none where there is no mean or the rule is about members that are not there.
    public func score(_ mean: Double?, members: [Double]) -> RewardScore {
        guard let mean else { return RewardScore(unscored: "the model gave no finite number") }
        guard members.count > 1 else {
            return self == .mean
                ? RewardScore(mean)
                : RewardScore(unscored: "the model is no ensemble: use the rule mean")
        }
        // Unbiased, as the authors' PPO has it.
        let squares = members.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = squares / Double(members.count - 1)
        let value =
            switch self {
            case .mean: mean
            case .worstCase: members.min() ?? mean
            case .uncertaintyWeighted(let coefficient): mean - coefficient * variance
            }
        return RewardScore(value, uncertainty: variance.squareRoot())
    }
}
