public import Domain

/// One group as a pairing rule sees it; completions are places in the group.
public struct PairingView: Sendable {
    /// The policy's scored completions, in sampling order.
    public let scored: [Int]
    /// The same, best first; equal ones in sampling order, or in a random one when ties are ranked.
    public let ranked: [Int]
    /// The opponent's scored completions, in sampling order.
    public let opponents: [Int]
    /// The group's own random stream.
    public var random: PhiloxSequence
    /// Whether completions with equal rewards may be paired.
    public let pairsEqual: Bool
    private let scores: [Double?]

    /// - Parameters:
    ///   - scores: one a completion; `nil` and not a number are unscored.
    ///   - opponents: the places of the opponent's completions.
    ///   - ties: whether equal rewards are ranked at random.
    ///   - random: the group's own stream.
    init(
        _ scores: [Double?],
        opponents: Set<Int>,
        ties: PairingSpec.Ties,
        random: PhiloxSequence
    ) {
        let all = scores.indices.filter { scores[$0].map { !$0.isNaN } ?? false }
        self.scores = scores
        self.random = random
        self.opponents = all.filter(opponents.contains)
        scored = all.filter { !opponents.contains($0) }
        pairsEqual = ties == .random
        // The places of equals in a stable order: of the group, or of a shuffle.
        let order = pairsEqual ? scored.shuffled(using: &self.random) : scored
        ranked = order.enumerated().sorted { left, right in
            let (first, second) = (scores[left.element] ?? 0, scores[right.element] ?? 0)
            return first == second ? left.offset < right.offset : first > second
        }.map(\.element)
    }

    /// The score of a scored completion.
    public func score(_ place: Int) -> Double { scores[place] ?? 0 }

    /// The highest score; of equal ones the first by rank.
    public var best: Int? { ranked.first }

    /// The lowest score; of equal ones the first by rank, but never the best.
    public var worst: Int? {
        guard ranked.count > 1, let last = ranked.last else { return nil }
        return ranked.dropFirst().first { score($0) == score(last) }
    }

    /// The completions that may be set against one, by rank: all others, or those with another score.
    public func partners(of place: Int) -> [Int] {
        ranked.filter { $0 != place && (pairsEqual || score($0) != score(place)) }
    }

    /// A number in [0, 1).
    public mutating func uniform() -> Double { Double.random(in: 0..<1, using: &random) }
}
