/// Who beats whom in one group, as far as it is known.
public struct Comparisons: Sendable, Hashable {
    /// P(row beats column), row by row; `nil` where nobody said.
    private var probabilities: [Double?]
    private let count: Int
    private var reasons: [Int: RewardScore] = [:]

    /// A group of which nothing is known yet.
    public init(count: Int) {
        self.count = count
        probabilities = Array(repeating: nil, count: count * count)
    }

    /// Enters that `place` beats `other` with a probability, and the contrary.
    ///
    /// What is no number from 0 to 1 is entered as unknown.
    public mutating func set(_ place: Int, beats other: Int, with probability: Double) {
        guard (0...1).contains(probability) else {
            let reason = "the probability of a comparison is \(probability)"
            return fail(place, other, RewardScore(unscored: reason))
        }
        probabilities[place * count + other] = probability
        probabilities[other * count + place] = 1 - probability
    }

    /// Enters why a comparison could not be made.
    public mutating func fail(_ place: Int, _ other: Int, _ reason: RewardScore) {
        reasons[min(place, other) * count + max(place, other)] = reason
    }

    /// P(`place` beats `other`); `nil` where nobody said.
    public func probability(_ place: Int, beats other: Int) -> Double? {
        probabilities[place * count + other]
    }

    /// The mean probability of beating `opponents`, which is SPO's reward.
    ///
    /// Source: Swamy et al. 2024, arXiv 2401.04056. Unscored when there is no opponent or a comparison is missing: the mean of the others would be
    /// that against another opponent.
    public func score(_ place: Int, against opponents: [Int]) -> RewardScore {
        guard !opponents.isEmpty else {
            return RewardScore(
                unscored:
                    "it is compared with the other completions of its prompt, and there are none"
            )
        }
        var sum = 0.0
        for other in opponents {
            guard let probability = probability(place, beats: other) else {
                let key = min(place, other) * count + max(place, other)
                return reasons[key] ?? RewardScore(unscored: "a comparison is missing")
            }
            sum += probability
        }
        return RewardScore(sum / Double(opponents.count))
    }

    /// The score of each member of the group.
    public func scores(_ group: RewardGroup) -> [RewardScore] {
        group.opponents.enumerated().map { score($0, against: $1) }
    }
}
