/// How the losses of tokens become the loss of a batch: the largest silent difference between
/// published implementations, hence always explicit.
package enum LossAggregation: Sendable, Hashable {
    /// Sum over all tokens of the batch, divided by their number.
    case tokenMean
    /// Mean over each sequence's tokens, then over sequences.
    case sequenceMean
    /// Sum over each sequence's tokens, mean over sequences.
    case sequenceSum
    /// Sum over each sequence's tokens divided by a fixed length, mean over sequences.
    case fixedLength(Double)

    /// The names of those that need no number, for parameters.
    package static let names = ["token_mean", "sequence_mean", "sequence_sum"]

    /// The aggregation of that name.
    package init?(name: String) {
        switch name {
        case "token_mean": self = .tokenMean
        case "sequence_mean": self = .sequenceMean
        case "sequence_sum": self = .sequenceSum
        default: return nil
        }
    }

    /// What each token of a sequence of `length` trained tokens counts for.
    func share(length: Double, _ totals: BatchTotals) -> Double {
        let sequences = max(totals.sequences, 1)
        return switch self {
        case .tokenMean: 1 / max(totals.tokens, 1)
        case .sequenceMean: 1 / (max(length, 1) * sequences)
        case .sequenceSum: 1 / sequences
        case .fixedLength(let fixed): 1 / (fixed * sequences)
        }
    }
}
