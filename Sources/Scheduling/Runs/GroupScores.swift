import Domain
import Objectives
import Statistics
import Store

/// What the rewards of one prompt's completions say of each of them.
struct GroupScores: Sendable {
    /// None of them is NaN.
    let rewards: [Double]
    /// Those of the opponent's completions; `nil` compares the completions with each other.
    let opponents: [Double]?
    /// Their mean: the expected reward of the prompt.
    let mean: Double
    /// Whether a reward is the mean probability of beating the others already.
    let isPreference: Bool

    init(_ rewards: [Double], opponents: [Double]? = nil, isPreference: Bool = false) {
        self.rewards = rewards
        self.opponents = opponents
        self.isPreference = isPreference
        mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
    }

    /// The mean probability of being preferred to a completion of the opponent, or without one to a
    /// completion of the group: as the reward says when it compares, else logistic in the difference of
    /// the rewards (Bradley-Terry).
    ///
    /// In a group the completion itself is among the others and counts one half, as in SPPO's code.
    func winRate(_ index: Int) -> Double {
        if isPreference {
            // Compared with the opponent's completions it is the score itself.
            if opponents != nil { return rewards[index] }
            let others = Double(rewards.count - 1)
            return (rewards[index] * others + 0.5) / (others + 1)
        }
        let others = opponents ?? rewards
        return others.reduce(0) { $0 + sigmoid(rewards[index] - $1) } / Double(others.count)
    }

    /// Whether there is someone to win against: an opponent may have no scored completion.
    var hasWinRates: Bool { opponents?.isEmpty != true }

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
        if needs.fields.contains(.winRate) && hasWinRates { scalars[.winRate] = winRate(index) }
        if needs.fields.contains(.stateValue) { scalars[.stateValue] = mean }
        return scalars
    }
}

/// The opponent's scored completions of each prompt of an iteration, in the order of their samples.
struct Opponents: Sendable {
    /// By the prompt's place in the iteration; unscored completions are not among them.
    let scored: [Int: [RolloutRecord]]
    /// Scored or not.
    let records: [RolloutRecord]

    init(_ records: [RolloutRecord]) {
        self.records = records
        scored = records.filter { $0.scoredReward != nil }.byPrompt
    }

    /// The rewards of its completions of one prompt.
    func rewards(_ prompt: Int) -> [Double] { (scored[prompt] ?? []).compactMap(\.reward) }

    /// How the policy's completions do against it, by their contract names.
    func metrics(
        against rollouts: [RolloutRecord],
        isPreference: Bool = false
    ) -> [String: Double] {
        var values: [String: Double] = [:]
        values["opponent/reward_mean"] = Sample.mean(
            scored.keys.sorted().flatMap { rewards($0) }
        )
        let rates = rollouts.inGroups.flatMap { group -> [Double] in
            let own = group.compactMap(\.scoredReward)
            let scores = GroupScores(
                own,
                opponents: rewards(group[0].promptIndex),
                isPreference: isPreference
            )
            return scores.hasWinRates ? own.indices.map { scores.winRate($0) } : []
        }
        values["opponent/win_rate"] = Sample.mean(rates)
        return values
    }
}
