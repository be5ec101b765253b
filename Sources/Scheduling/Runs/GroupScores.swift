import Objectives

/// What the rewards of one prompt's completions say of each of them.
struct GroupScores: Sendable {
    /// None of them is NaN.
    let rewards: [Double]
    /// Their mean: the expected reward of the prompt.
    let mean: Double
    /// Whether a reward is the mean probability of beating the others already.
    let isPreference: Bool

    init(_ rewards: [Double], isPreference: Bool = false) {
        self.rewards = rewards
        self.isPreference = isPreference
        mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
    }

    /// The mean probability of being preferred to a completion of the group: as the reward says when
    /// it compares, else logistic in the difference of the rewards (Bradley-Terry).
    ///
    /// The completion itself is among them and counts one half, as in SPPO's code.
    func winRate(_ index: Int) -> Double {
        if isPreference {
            let others = Double(rewards.count - 1)
            return (rewards[index] * others + 0.5) / (others + 1)
        }
        return rewards.reduce(0) { $0 + sigmoid(rewards[index] - $1) } / Double(rewards.count)
    }

    /// Whether the reward is above the mean; `nil` at the mean, rounding aside.
    func label(_ index: Int) -> Bool? {
        // The rounding of a mean grows with the numbers and their count.
        let scale = rewards.map { abs($0) }.max() ?? 0
        let lead = rewards[index] - mean
        guard abs(lead) > 1e-12 * scale else { return nil }
        return lead > 0
    }

    /// The probability that the better of two is preferred, from how far their rewards are apart.
    ///
    /// From win rates it is exact for a group of two, where each is the other's only opponent.
    static func preferenceProbability(margin: Double, isPreference: Bool) -> Double {
        isPreference ? 0.5 + margin / 2 : sigmoid(margin)
    }

    /// Those of the objective's numbers that the rewards decide.
    func scalars(_ index: Int, _ needs: DataRequirements) -> [BatchField: Double] {
        var scalars: [BatchField: Double] = [.reward: rewards[index]]
        if needs.fields.contains(.winRate) { scalars[.winRate] = winRate(index) }
        if needs.fields.contains(.stateValue) { scalars[.stateValue] = mean }
        return scalars
    }
}
