/// What became of one group.
public enum PairingOutcome: Sendable, Hashable {
    /// Its pairs, at least one.
    case pairs([RankedPair])
    /// The rule makes no pair of it: all rewards are equal, or too close for the rule.
    case unpaired
    /// Too few completions were scored to make a pair.
    case tooFewScored

    /// The pairs, if any.
    public var pairs: [RankedPair] { if case .pairs(let list) = self { list } else { [] } }
}

/// What became of the groups of a batch, for its metrics.
public struct PairingCounts: Sendable, Hashable {
    /// Groups that gave a pair.
    public private(set) var paired = 0
    /// Pairs in all.
    public private(set) var pairs = 0
    /// Groups of which the rule made no pair.
    public private(set) var unpaired = 0
    /// Groups with too few scored completions.
    public private(set) var tooFewScored = 0

    /// Counts `outcomes`.
    public init(_ outcomes: some Sequence<PairingOutcome>) {
        for outcome in outcomes {
            switch outcome {
            case .pairs(let list):
                paired += 1
                pairs += list.count
            case .unpaired: unpaired += 1
            case .tooFewScored: tooFewScored += 1
            }
        }
    }
}
