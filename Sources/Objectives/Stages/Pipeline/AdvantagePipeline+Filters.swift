import Domain

extension AdvantagePipeline {
    /// Which completions are learned from, by group; adds what was taken to `metrics`.
    func filtered(
        _ input: StageInput,
        _ outcomes: Outcomes,
        _ estimate: TokenEstimate,
        _ metrics: inout [String: Double]
    ) -> [[Bool]] {
        var result: [[Bool]] = []
        var taken = [Double](repeating: 0, count: filters.count)
        var emptied = 0.0
        for (place, group) in input.groups.enumerated() {
            let rewards = outcomes.groups[place]
            let isComparable = !needsGreedy || outcomes.greedy[place] != nil
            let comparable = comparable(group, rewards).map { $0 && isComparable }
            var view = FilterView(
                completions: group.completions,
                rewards: rewards,
                advantageSizes: estimate.sizes(group: place),
                isKept: comparable,
                random: random(input, group)
            )
            for (index, filter) in filters.enumerated() {
                let before = view.kept.count
                view.isKept = zip(view.isKept, filter.keeps(view)).map { $0 && $1 }
                taken[index] += Double(before - view.kept.count)
            }
            if comparable.contains(true) && view.kept.isEmpty { emptied += 1 }
            result.append(view.isKept)
        }
        if !filters.isEmpty {
            metrics[StageMetric.filteredGroups] = emptied
            metrics[StageMetric.filteredCompletions] = taken.reduce(0, +)
        }
        for (filter, count) in zip(filters, taken) {
            metrics[StageMetric.filtered(by: type(of: filter).name), default: 0] += count
        }
        return result
    }

    /// Scored completions with something to train, of groups with enough of them.
    private func comparable(_ group: StageGroup, _ rewards: [Double?]) -> [Bool] {
        let isEnough = rewards.count { $0 != nil } >= minimumGroupSize
        return zip(group.completions, rewards).map {
            isEnough && $1 != nil && !$0.trained.isEmpty
        }
    }

    /// A stream for each group of each iteration, apart from those of shuffles and weights.
    private func random(_ input: StageInput, _ group: StageGroup) -> PhiloxSequence {
        let iteration = UInt64(truncatingIfNeeded: input.iteration) & 0xFF_FFFF
        let place = UInt64(truncatingIfNeeded: group.id) & 0xFFFF_FFFF
        return PhiloxSequence(seed: input.seed, stream: 5 << 56 | iteration << 32 | place)
    }

    /// What the iteration's completions say of the policy that drew them.
    static func rolloutMetrics(_ input: StageInput) -> [String: Double] {
        let completions = input.groups.flatMap(\.completions)
        var metrics = [StageMetric.completions: Double(completions.count)]
        let kls = completions.compactMap(sampledKL)
        if !kls.isEmpty { metrics[StageMetric.kl] = Moments(kls).mean }
        let surprises = completions.flatMap { completion -> [Double] in
            guard let old = completion.oldLogprobs, old.count == completion.length else {
                return []
            }
            return completion.trained.map { -old[$0] }
        }
        if !surprises.isEmpty { metrics[StageMetric.entropy] = Moments(surprises).mean }
        let costs = completions.compactMap(\.cost)
        if !costs.isEmpty { metrics[StageMetric.cost] = Moments(costs).mean }
        return metrics
    }

    private static func sampledKL(_ completion: StageCompletion) -> Double? {
        guard let old = completion.oldLogprobs, let reference = completion.referenceLogprobs,
            old.count == completion.length, reference.count == completion.length
        else { return nil }
        return completion.trained.reduce(0) { $0 + old[$1] - reference[$1] }
    }
}
