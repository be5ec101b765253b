/// The counts a loss is divided by, over the *whole* batch.
///
/// **Invariant**: a microbatch carries the totals of the batch it was cut from, and so does every
/// rank of a data-parallel learner; losses, gradients and metrics of the parts then add up to
/// those of the whole.
public struct BatchTotals: Sendable, Hashable {
    /// Trained completion tokens: the sum of all masks.
    public var tokens: Double
    /// Sequences with at least one trained token, and whole texts with a score.
    public var sequences: Double
    /// Preference pairs.
    public var pairs: Double
    /// Groups.
    public var groups: Double

    /// Counts given by the caller.
    public init(tokens: Double, sequences: Double, pairs: Double = 0, groups: Double = 0) {
        self.tokens = tokens
        self.sequences = sequences
        self.pairs = pairs
        self.groups = groups
    }

    /// The counts of `content` taken alone.
    public init(of content: ObjectiveBatch.Content) {
        tokens = content.sequences.reduce(0) { $0 + $1.trainedTokenCount }
        sequences = Double(content.sequences.count { $0.isTrained })
        pairs = if case .pairs(let list) = content { Double(list.count) } else { 0 }
        groups = if case .groups(let list) = content { Double(list.count) } else { 0 }
    }

    /// The counts of two disjoint parts together.
    public static func + (left: BatchTotals, right: BatchTotals) -> BatchTotals {
        BatchTotals(
            tokens: left.tokens + right.tokens,
            sequences: left.sequences + right.sequences,
            pairs: left.pairs + right.pairs,
            groups: left.groups + right.groups
        )
    }
}
