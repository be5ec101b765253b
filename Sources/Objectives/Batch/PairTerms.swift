/// Two completions of one prompt, one preferred to the other.
public struct PairTerms: Sendable, Hashable {
    /// The preferred completion.
    public var chosen: SequenceTerms
    /// The other one.
    public var rejected: SequenceTerms
    /// A third completion whose likelihood steers exploration (XPO, SELM, VPO).
    public var exploration: SequenceTerms?
    /// By how much the chosen one is better, in units of the score.
    public var margin: Double?
    /// The probability that the chosen one is truly preferred; soft labels.
    public var preferenceProbability: Double?
    /// What the pair's loss is multiplied by.
    public var weight: Double = 1

    /// A pair with nothing but its sequences; the rest is set by name.
    public init(chosen: SequenceTerms, rejected: SequenceTerms) {
        self.chosen = chosen
        self.rejected = rejected
    }

    /// The sequences in gradient order: chosen, rejected, then exploration.
    public var sequences: [SequenceTerms] { [chosen, rejected] + (exploration.map { [$0] } ?? []) }
}
