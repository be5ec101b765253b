/// Two completions of one prompt, one preferred to the other, and perhaps a third.
public struct PairTerms: Sendable, Hashable {
    /// The preferred completion.
    public var chosen: SequenceTerms
    /// The other one.
    public var rejected: SequenceTerms
    /// A third completion: one that steers exploration (XPO, SELM, VPO), or a demonstration (triple
    /// preference optimisation).
    public var third: SequenceTerms?
    /// Which of the two the third is; for messages.
    public var thirdField = BatchField.exploration
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

    /// The sequences in gradient order: chosen, rejected, then the third.
    public var sequences: [SequenceTerms] { [chosen, rejected] + (third.map { [$0] } ?? []) }
}
