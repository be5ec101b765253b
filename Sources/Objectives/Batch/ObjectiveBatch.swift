/// What an objective is evaluated on: pairs, groups or sequences, with the whole batch's totals.
public struct ObjectiveBatch: Sendable, Hashable {
    /// The three structures of training data.
    public enum Content: Sendable, Hashable {
        case pairs([PairTerms])
        case groups([GroupTerms])
        case sequences([SequenceTerms])
    }

    /// The data.
    public var content: Content
    /// The counts of the whole batch this may be a part of.
    public var totals: BatchTotals
    /// The detached means of the whole batch; `nil` lets the objective take them from `content`.
    public var statistics: BatchStatistics?
    /// The place of the first element in the whole batch, for messages.
    public var firstIndex = 0

    /// A batch; `totals` are its own unless it is part of a larger one.
    public init(
        _ content: Content,
        totals: BatchTotals? = nil,
        statistics: BatchStatistics? = nil
    ) {
        self.content = content
        self.totals = totals ?? BatchTotals(of: content)
        self.statistics = statistics
    }
}

extension ObjectiveBatch.Content {
    /// Every sequence in gradient order: the batch's order, pair after pair, group after group.
    public var sequences: [SequenceTerms] {
        switch self {
        case .pairs(let pairs): pairs.flatMap { $0.sequences }
        case .groups(let groups): groups.flatMap { $0.completions }
        case .sequences(let sequences): sequences
        }
    }

    /// Which structure this is.
    public var kind: DataRequirements.Kind {
        switch self {
        case .pairs: .pairs
        case .groups: .groups
        case .sequences: .sequences
        }
    }
}
