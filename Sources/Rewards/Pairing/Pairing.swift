public import Domain

/// A spec's pairing, ready: a rule, what becomes of ties, and a limit.
public struct Pairing: Sendable {
    /// Says which completions are set against each other.
    public let rule: any PairingRule
    private let ties: PairingSpec.Ties
    private let limit: Int?

    /// Reads the pairing at `path` of a spec; throws all its faults.
    public init(_ spec: PairingSpec, path: String = "$.pairing") throws(Faults) {
        rule = try PairingCatalogue.make(spec.rule, path: path)
        ties = spec.ties
        limit = spec.mostPairs
    }

    /// Whether one side of its pairs is an opponent's completion.
    public var needsOpponent: Bool { type(of: rule).needsOpponent }

    /// The most pairs that a group of `count` completions can give, with so many of an opponent.
    public func mostPairs(of count: Int, opponents: Int = 0) -> Int {
        min(limit ?? .max, max(1, rule.mostPairs(of: count, opponents: opponents)))
    }

    /// The pairs of one group.
    ///
    /// - Parameters:
    ///   - scores: one a completion; `nil` and not a number are unscored, and never paired.
    ///   - opponents: the places of an opponent's completions; only rules that need them see them.
    ///   - random: the group's own stream.
    /// - Returns: its pairs, or why there are none.
    public func pairs(
        _ scores: [Double?],
        opponents: Set<Int> = [],
        random: PhiloxSequence
    ) -> PairingOutcome {
        var view = PairingView(scores, opponents: opponents, ties: ties, random: random)
        let isEnough =
            needsOpponent
            ? !view.scored.isEmpty && !view.opponents.isEmpty : view.scored.count > 1
        guard isEnough else { return .tooFewScored }
        let found = rule.candidates(&view).compactMap { ranked($0, &view) }
        if found.isEmpty { return .unpaired }
        return .pairs(limited(found, &view.random))
    }

    private func ranked(_ pair: PairCandidate, _ view: inout PairingView) -> RankedPair? {
        let margin = view.score(pair.first) - view.score(pair.second)
        if margin > 0 { return RankedPair(pair.first, pair.second, margin) }
        if margin < 0 { return RankedPair(pair.second, pair.first, -margin) }
        guard view.pairsEqual else { return nil }
        return Bool.random(using: &view.random)
            ? RankedPair(pair.first, pair.second, 0) : RankedPair(pair.second, pair.first, 0)
    }

    /// At most so many of them, in their order.
    private func limited(
        _ pairs: [RankedPair],
        _ random: inout PhiloxSequence
    ) -> [RankedPair] {
        guard let limit, limit < pairs.count else { return pairs }
        return pairs.indices.shuffled(using: &random).prefix(limit).sorted().map { pairs[$0] }
    }
}

/// Two completions of a group by their places, one preferred.
public struct RankedPair: Sendable, Hashable {
    /// The better one.
    public var chosen: Int
    /// The worse one.
    public var rejected: Int
    /// The difference of their scores; 0 for a tie that was ranked at random.
    public var margin: Double

    /// A better and a worse one.
    public init(_ chosen: Int, _ rejected: Int, _ margin: Double) {
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
    }
}
