package import Domain

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
    /// Sum over all tokens of the batch.
    case tokenSum

    /// Their names; raw values are the JSON names.
    package enum Rule: String, Sendable, CaseIterable {
        case tokenMean = "token_mean"
        case sequenceMean = "sequence_mean"
        case sequenceSum = "sequence_sum"
        case fixedLength = "fixed_length"
        case tokenSum = "token_sum"
    }

    /// The aggregation by its rule; `length` is read by `fixedLength`.
    package init(_ rule: Rule, length: Double) {
        self =
            switch rule {
            case .tokenMean: .tokenMean
            case .sequenceMean: .sequenceMean
            case .sequenceSum: .sequenceSum
            case .fixedLength: .fixedLength(length)
            case .tokenSum: .tokenSum
            }
    }

    /// The aggregation that the parameters of `parameters(_:)` name.
    package init(_ values: ParameterValues) {
        self.init(
            Rule(rawValue: values.string("aggregation")) ?? .tokenMean,
            length: Double(values.integer("max_length"))
        )
    }

    /// The two parameters, with this default.
    package static func parameters(_ rule: Rule) -> [ParameterDescription] {
        [
            ParameterDescription(
                "aggregation",
                .choice(Rule.allCases.map(\.rawValue)),
                default: .string(rule.rawValue),
                "How the losses of tokens become the loss of a batch."
            ),
            ParameterDescription(
                "max_length",
                .integer(1...1_048_576),
                default: 512,
                "What fixed_length divides by, tokens: the longest completion that may be sampled."
            ),
        ]
    }

    /// What each token of a sequence of `length` trained tokens counts for.
    func share(length: Double, _ totals: BatchTotals) -> Double {
        let sequences = max(totals.sequences, 1)
        return switch self {
        case .tokenMean: 1 / max(totals.tokens, 1)
        case .sequenceMean: 1 / (max(length, 1) * sequences)
        case .sequenceSum: 1 / sequences
        case .fixedLength(let fixed): 1 / (fixed * sequences)
        case .tokenSum: 1
        }
    }
}
