import Domain

/// What completions are worth, before credit is assigned.
struct Outcomes: Sendable {
    /// By group and completion; `nil` is unscored.
    var groups: [[Double?]]
    /// Of each group's greedy completion.
    var greedy: [Double?]
}

extension AdvantagePipeline {
    /// The chain of transforms, each over all groups; adds what it must remember to `metrics`.
    func outcomes(
        _ input: StageInput,
        _ metrics: inout [String: Double]
    ) throws(HoneError) -> Outcomes {
        let needsCost = costName != nil
        var outcomes = Outcomes(
            groups: input.groups.map { group in
                // Without its cost a completion cannot be judged: it is unscored as a whole.
                group.completions.map { needsCost && $0.cost == nil ? nil : $0.score }
            },
            greedy: input.groups.map {
                needsCost && $0.greedy?.cost == nil ? nil : $0.greedy?.score
            }
        )
        for (place, transform) in rewards.enumerated() {
            let moments = moments(transform, place, outcomes, input.history, &metrics)
            outcomes = try apply(transform, moments, outcomes, input)
        }
        let all = Moments(outcomes.groups.joined().compactMap(\.self))
        if all.count > 0 { metrics[StageMetric.rewardMean] = all.mean }
        if all.count > 1 { metrics[StageMetric.rewardDeviation] = all.deviation }
        return outcomes
    }

    private func moments(
        _ transform: any RewardTransform,
        _ place: Int,
        _ outcomes: Outcomes,
        _ history: [[String: Double]],
        _ metrics: inout [String: Double]
    ) -> Moments {
        let scope = type(of: transform).momentScope
        guard scope != .none else { return Moments() }
        let own = Moments(outcomes.groups.joined().compactMap(\.self))
        guard scope == .history else { return own }
        metrics.merge(own.metrics(place: place)) { $1 }
        return history.reduce(Moments()) { $0 + Moments($1, place: place) } + own
    }

    private func apply(
        _ transform: any RewardTransform,
        _ moments: Moments,
        _ outcomes: Outcomes,
        _ input: StageInput
    ) throws(HoneError) -> Outcomes {
        var result = outcomes
        for (place, group) in input.groups.enumerated() {
            let rewards = outcomes.groups[place]
            func transformed(
                _ reward: Double?,
                _ completion: StageCompletion,
                except own: Int?
            ) throws(HoneError) -> Double? {
                guard let reward else { return nil }
                let others = rewards.indices.filter { $0 != own }.compactMap { rewards[$0] }
                let place = RewardPlace(
                    length: completion.trained.count,
                    isTruncated: completion.isTruncated,
                    others: others,
                    references: group.referenceRewards,
                    moments: moments
                )
                return try transform.transformed(reward, place)
            }
            for (sample, completion) in group.completions.enumerated() {
                result.groups[place][sample] =
                    try transformed(rewards[sample], completion, except: sample)
            }
            if let greedy = group.greedy {
                result.greedy[place] = try transformed(outcomes.greedy[place], greedy, except: nil)
            }
        }
        return result
    }

    /// What the KL in the reward takes off each token, by group and completion; `nil` without one.
    func penalties(
        _ input: StageInput,
        _ coefficient: Double?
    ) throws(HoneError) -> [[[Double]]]? {
        guard var kl = rewardKL else { return nil }
        kl.coefficient = coefficient ?? kl.coefficient
        var result: [[[Double]]] = []
        for group in input.groups {
            var penalties: [[Double]] = []
            for completion in group.completions { penalties.append(try kl.penalties(completion)) }
            result.append(penalties)
        }
        return result
    }

    static func meanPenalty(_ penalties: [[[Double]]]?) -> Double? {
        guard let sums = penalties?.joined().map({ $0.reduce(0, +) }), !sums.isEmpty else {
            return nil
        }
        return Moments(sums).mean
    }
}
