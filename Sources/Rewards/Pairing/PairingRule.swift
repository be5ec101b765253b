/// How a group's scores become preference pairs; raw values are the names in a spec.
public enum PairingRule: String, Sendable, Hashable, CaseIterable {
    /// The best against the worst completion of the group.
    case bestWorst = "best_worst"

    /// The pair of one group, from its completions' scores (`nil` and NaN are unscored).
    public func pair(_ scores: [Double?]) -> PairingOutcome {
        let scored = scores.enumerated().compactMap { index, score in
            score.flatMap { $0.isNaN ? nil : (index: index, score: $0) }
        }
        // The first of equals wins on both sides, so that the pair does not depend on sorting.
        guard scored.count >= 2,
            let best = scored.max(by: { $0.score < $1.score })?.score,
            let worst = scored.min(by: { $0.score < $1.score })?.score
        else { return .tooFewScored }
        guard best > worst,
            let chosen = scored.first(where: { $0.score == best })?.index,
            let rejected = scored.first(where: { $0.score == worst })?.index
        else { return .tied }
        return .pair(chosen: chosen, rejected: rejected)
    }
}

/// What became of one group.
public enum PairingOutcome: Sendable, Hashable {
    /// The positions of the two completions in the group.
    case pair(chosen: Int, rejected: Int)
    /// All scores are equal: nothing is preferred.
    case tied
    /// Fewer than two completions were scored.
    case tooFewScored
}

/// What became of the groups of a batch, for its metrics.
public struct PairingCounts: Sendable, Hashable {
    /// Groups that gave a pair.
    public private(set) var paired = 0
    /// Groups whose scores are all equal.
    public private(set) var tied = 0
    /// Groups with fewer than two scored completions.
    public private(set) var tooFewScored = 0

    /// Counts `outcomes`.
    public init(_ outcomes: some Sequence<PairingOutcome>) {
        for outcome in outcomes {
            switch outcome {
            case .pair: paired += 1
            case .tied: tied += 1
            case .tooFewScored: tooFewScored += 1
            }
        }
    }
}
