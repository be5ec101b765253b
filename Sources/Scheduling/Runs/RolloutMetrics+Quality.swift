import Domain
import Statistics
import Store

extension RolloutMetrics {
    /// What more is said of the completions of held-out prompts than their means.
    ///
    /// - Parameters:
    ///   - rollouts: Those of one iteration.
    ///   - start: Those of the iteration that the run began with; empty at that iteration.
    /// - Returns: Metrics by their contract names.
    static func quality(
        _ rollouts: [RolloutRecord],
        against start: [RolloutRecord]
    ) -> [String: Double] {
        var values: [String: Double] = [:]
        let logprobs = rollouts.flatMap { $0.rollout.logprobs.map(Double.init) }
        // The mean of −log π over what π drew is its entropy, but for temperature and truncation.
        values["evaluation/entropy"] = Sample.mean(logprobs.filter(\.isFinite)).map { -$0 }
        values["evaluation/kl_k3"] = DivergenceEstimate(rollouts.compactMap(logRatios))?.k3
        values["evaluation/distinct_2"] = Diversity.distinct(
            2,
            rollouts.map(\.rollout.completionTokens)
        )
        let groups = Dictionary(grouping: rollouts, by: \.promptIndex)
        let rewards = groups.keys.sorted().map { place in
            (groups[place] ?? []).compactMap(\.reward)
        }
        values["evaluation/reward_half_width"] =
            MeanEstimate(clusters: rewards)?.interval?.halfWidth
        if rewards.contains(where: { $0.count > 1 }) {
            values["evaluation/reward_best_of_n"] = Sample.mean(rewards.compactMap { $0.max() })
        }
        if let wins = winRate(rollouts, against: start) { values["evaluation/win_rate"] = wins }
        return values
    }

    /// How often a completion gets more than the one of the same place did at the start, ties counted
    /// one half.
    private static func winRate(
        _ rollouts: [RolloutRecord],
        against start: [RolloutRecord]
    ) -> Double? {
        let before = Dictionary(
            start.map { (Place($0), $0.reward) },
            uniquingKeysWith: { first, _ in first }
        )
        return Sample.mean(
            rollouts.compactMap { rollout in
                guard let now = rollout.reward, let then = before[Place(rollout)] ?? nil else {
                    return nil
                }
                return now == then ? 0.5 : now > then ? 1 : 0
            }
        )
    }

    private struct Place: Hashable {
        let prompt: Int
        let sample: Int

        init(_ record: RolloutRecord) {
            prompt = record.promptIndex
            sample = record.sampleIndex
        }
    }

    private static func logRatios(_ record: RolloutRecord) -> [Double]? {
        let rollout = record.rollout
        guard rollout.referenceLogprobs.count == rollout.logprobs.count, !rollout.logprobs.isEmpty
        else { return nil }
        return zip(rollout.logprobs, rollout.referenceLogprobs).map { Double($0) - Double($1) }
    }

    /// B-STaR's balance of training groups, where every reward is 0 or 1; `nil` for other rewards.
    ///
    /// Of each prompt's scored completions the different right ones count.
    static func balance(_ rollouts: [RolloutRecord]) -> Double? {
        let scored = rollouts.filter { $0.reward != nil }
        guard scored.allSatisfy({ $0.reward == 0 || $0.reward == 1 }) else { return nil }
        let groups = Dictionary(grouping: scored, by: \.promptIndex)
        return Sample.mean(
            groups.keys.sorted().map { place in
                let group = groups[place] ?? []
                let right = Set(group.filter { $0.reward == 1 }.map(\.rollout.completionTokens))
                return SelectionBalance.score(correct: right.count, selected: group.count)
            }
        )
    }
}
