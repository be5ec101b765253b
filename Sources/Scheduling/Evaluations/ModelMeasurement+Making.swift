import Domain
import Statistics
import WorkerProtocol

extension ModelMeasurement {
    /// The figures of one model's completions.
    init(
        _ model: EvaluatedModel,
        _ groups: [EvaluatedGroup],
        rewards: [EvaluationReward],
        order: EvaluationOrder
    ) {
        let rollouts = groups.flatMap(\.rollouts)
        let figures = groups.flatMap(\.figures)
        self.model = model.name
        prompts = groups.count
        completions = rollouts.count
        self.rewards = rewards.indices.compactMap { reward in
            RewardFigures(reward, of: groups, names: rewards.map(\.name), seed: order.seed)
        }
        length = LengthSummary(rollouts.map(\.completionTokens.count))
        truncatedFraction =
            Sample.mean(rollouts.map { $0.stopReason == .length ? 1 : 0 }) ?? 0
        entropy = Sample.mean(figures.flatMap { $0.entropies.elements.map(Double.init) })
        topTenMass = Sample.mean(figures.flatMap { $0.topMasses.elements.map(Double.init) })
        distinct = (1...3).map { Diversity.distinct($0, rollouts.map(\.completionTokens)) }
        selfBleu = Sample.mean(
            groups.compactMap { Diversity.selfBLEU($0.rollouts.map(\.completionTokens)) }
        )
        divergence = model.reference.flatMap { ReferenceDivergence($0, groups) }
        samples = groups.filter { !$0.rollouts.isEmpty }.prefix(order.shownSamples).map { group in
            ShownCompletion(
                prompt: group.prompt.rewardText,
                completion: group.rollouts[0].text,
                scores: zip(rewards, group.scores).map { .init(reward: $0.name, score: $1[0]) }
            )
        }
    }
}

extension ReferenceDivergence {
    /// `nil` without log-probabilities of the reference.
    init?(_ reference: String, _ groups: [EvaluatedGroup]) {
        let rollouts = groups.flatMap(\.rollouts).filter {
            $0.referenceLogprobs.count == $0.logprobs.count
        }
        let ratios = rollouts.map { rollout in
            zip(rollout.logprobs, rollout.referenceLogprobs).map { Double($0) - Double($1) }
        }
        guard let estimate = DivergenceEstimate(ratios) else { return nil }
        self.reference = reference
        (k1, k3) = (estimate.k1, estimate.k3)
        let whole = groups.flatMap(\.figures).map(\.divergences.elements)
        exact = Sample.mean(
            whole.filter { !$0.isEmpty }.map { $0.reduce(0) { $0 + Double($1) } }
        )
    }
}

extension RewardFigures {
    /// `nil` when the reward scored nothing.
    init?(_ reward: Int, of groups: [EvaluatedGroup], names: [String], seed: UInt64) {
        let clusters = groups.map { $0.scores[reward].compactMap(\.self) }
        guard let mean = MeanEstimate(clusters: clusters) else { return nil }
        self.reward = names[reward]
        self.mean = mean
        bootstrap = Bootstrap(seed: seed).mean(clusters)
        unscored = groups.reduce(0) { $0 + $1.scores[reward].count } - mean.count
        let largest = clusters.map(\.count).max() ?? 0
        let sizes = sequence(first: 1) { $0 * 2 <= largest ? $0 * 2 : nil }
        bestOfN = sizes.compactMap { Best($0, by: reward, groups, names) }
        let isSuccess = clusters.joined().allSatisfy { $0 == 0 || $0 == 1 }
        passAtK = isSuccess ? sizes.compactMap { Pass($0, clusters) } : []
    }
}

extension RewardFigures.Best {
    /// `nil` when no prompt has `n` scored completions.
    fileprivate init?(_ n: Int, by reward: Int, _ groups: [EvaluatedGroup], _ names: [String]) {
        /// Over the completions that both rewards scored.
        func mean(of other: Int) -> Double? {
            Sample.mean(
                groups.compactMap { group in
                    let both = zip(group.scores[reward], group.scores[other])
                        .compactMap { pair in
                            pair.0.flatMap { rank in pair.1.map { (rank, $0) } }
                        }
                    return BestOfN.expectation(n, of: both.map(\.1), by: both.map(\.0))
                }
            )
        }
        guard let own = mean(of: reward) else { return nil }
        self.n = n
        self.reward = own
        divergence = BestOfN.divergence(n)
        others = names.indices.filter { $0 != reward }.compactMap { other in
            mean(of: other).map { .init(reward: names[other], mean: $0) }
        }
    }
}

extension RewardFigures.Pass {
    /// `nil` when no prompt has `k` scored completions.
    fileprivate init?(_ k: Int, _ clusters: [[Double]]) {
        let rates = clusters.compactMap { cluster in
            PassAtK.estimate(k, samples: cluster.count, correct: cluster.count { $0 == 1 })
        }
        guard let rate = Sample.mean(rates) else { return nil }
        self.k = k
        self.rate = rate
    }
}

extension ModelComparison {
    /// `nil` when no two completions were both scored.
    init?(
        reward: Int,
        _ kind: EvaluationReward,
        models: [String],
        _ groups: [EvaluatedGroup],
        _ opponents: [EvaluatedGroup],
        seed: UInt64
    ) {
        let pairs = zip(groups, opponents).map { own, other in
            zip(own.scores[reward].indices, zip(own.scores[reward], other.scores[reward]))
                .compactMap { place, scores -> (lead: Double, length: Double)? in
                    guard let a = scores.0, let b = scores.1 else { return nil }
                    let lengths = [own, other].map { $0.rollouts[place].completionTokens.count }
                    return (a - b, Double(lengths[0] - lengths[1]))
                }
        }
        // A reward that compares gives the probability of winning itself.
        let outcomes = pairs.map { pairs in
            pairs.map { pair in
                if kind.isPreference { return 0.5 + pair.lead / 2 }
                return pair.lead == 0 ? 0.5 : pair.lead > 0 ? 1.0 : 0
            }
        }
        guard let winRate = WinRate(clusters: outcomes, bootstrap: Bootstrap(seed: seed)),
            let difference = MeanEstimate(clusters: pairs.map { $0.map(\.lead) })
        else { return nil }
        self.reward = kind.name
        model = models[0]
        opponent = models[1]
        self.winRate = winRate
        self.difference = difference
        lengthControlled = LengthControlledWinRate(
            clusters: zip(pairs, outcomes).map { pairs, outcomes in
                zip(pairs, outcomes).map { .init(outcome: $1, lengthDifference: $0.length) }
            },
            bootstrap: Bootstrap(resamples: 200, seed: seed)
        )
    }
}
