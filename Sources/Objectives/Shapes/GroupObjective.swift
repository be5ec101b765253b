package import Domain

/// An objective whose loss is a mean over groups of scored completions.
///
/// Unscored completions are left out of their group and get a zero gradient.
package protocol GroupObjective: Objective {
    /// The loss of one group, as in the paper.
    func loss(_ group: GroupView) throws(HoneError) -> Dual

    /// What else is measured of a group: names and values, of which the mean is reported.
    func measures(_ group: GroupView) throws(HoneError) -> [(String, Double)]
}

/// One group's scored completions as an equation sees them.
package struct GroupView: Sendable {
    /// The scored completions, in the batch's order.
    package let completions: [SequenceView]
    /// Their rewards.
    package let rewards: [Double]

    /// The group as a stop-gradient sees it: the same numbers without derivatives.
    package var held: GroupView {
        get throws(HoneError) {
            var held: [SequenceView] = []
            for completion in completions { held.append(try completion.held) }
            return GroupView(completions: held, rewards: rewards)
        }
    }

    /// Every pair of completions of which the first has the higher reward.
    package var orderedPairs: [(better: Int, worse: Int)] {
        rewards.indices.flatMap { better in
            rewards.indices.filter { rewards[better] > rewards[$0] }.map { (better, $0) }
        }
    }
}

extension GroupObjective {
    /// Better completions gain on worse ones, unless said.
    public static var trend: MetricTrend { .rises("reward/rank_margin") }

    /// Nothing, unless said.
    package func measures(_ group: GroupView) throws(HoneError) -> [(String, Double)] { [] }

    /// The mean over the batch's groups.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .groups(let groups) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        for (index, group) in zip(batch.firstIndex..., groups) {
            try check(group, index)
            let share = group.weight / max(batch.totals.groups, 1)
            let scored = group.completions.indices.filter { group.completions[$0].reward != nil }
            // Too few scored completions say nothing: the group adds nothing.
            let isEnough = scored.count >= Self.requirements.minimumGroupSize
            let loss =
                isEnough
                ? try differentiate(group, scored, index, statistics) : (value: 0, partials: [:])
            try sum.add(loss.value, share: share, at: SequencePlace(list: .groups, index: index))
            for (position, terms) in group.completions.enumerated() {
                let view = try SequenceView(terms, at: place(index, position), slots: .none)
                let derivative = Dual(0, partials: SIMD8(repeating: loss.partials[position] ?? 0))
                try sum.append(view, derivative, .init(logprob: 0), share: share)
            }
            let metricShare = 1 / max(batch.totals.groups, 1)
            if isEnough { try measure(group, scored, index, metricShare, &sum) }
        }
        return sum.result
    }

    /// A dual has eight slots: the loss is taken once for every eight scored completions.
    private func differentiate(
        _ group: GroupTerms,
        _ scored: [Int],
        _ index: Int,
        _ statistics: BatchStatistics
    )
        throws(HoneError) -> (value: Double, partials: [Int: Double])
    {
        var value = 0.0
        var partials: [Int: Double] = [:]
        for start in stride(from: 0, to: scored.count, by: 8) {
            let part = start..<min(start + 8, scored.count)
            let loss = try loss(try view(group, scored, index, differentiated: part, statistics))
            value = loss.value
            for rank in part { partials[scored[rank]] = loss.partials[rank - start] }
        }
        return (value, partials)
    }

    private func view(
        _ group: GroupTerms,
        _ scored: [Int],
        _ index: Int,
        differentiated part: Range<Int>,
        _ statistics: BatchStatistics
    ) throws(HoneError) -> GroupView {
        var views: [SequenceView] = []
        for (rank, position) in scored.enumerated() {
            let slot = part.contains(rank) ? rank - part.lowerBound : nil
            views.append(
                try SequenceView(
                    group.completions[position],
                    at: place(index, position),
                    slots: .init(logprob: slot),
                    statistics: statistics
                )
            )
        }
        return GroupView(completions: views, rewards: views.compactMap { $0.terms.reward })
    }

    private func check(_ group: GroupTerms, _ index: Int) throws(HoneError) {
        let least = requirements.minimumGroupSize
        guard group.completions.count >= least else {
            throw HoneError(
                .invalidData,
                "groups[\(index)] has \(group.completions.count) completions; "
                    + "\(Self.name) needs at least \(least)",
                param: "groups[\(index)].completions"
            )
        }
        guard group.completions.contains(where: { $0.reward != nil }) else {
            throw HoneError(
                .invalidData,
                "groups[\(index)] has no rewards, which \(Self.name) needs",
                param: "groups[\(index)].rewards"
            )
        }
    }

    private func measure(
        _ group: GroupTerms,
        _ scored: [Int],
        _ index: Int,
        _ share: Double,
        _ sum: inout Accumulator
    ) throws(HoneError) {
        let view = try view(group, scored, index, differentiated: 0..<0, BatchStatistics())
        let mean = view.rewards.reduce(0, +) / Double(view.rewards.count)
        sum.measure("reward/mean", mean * share)
        var scores: [Double] = []
        for completion in view.completions { scores.append(try score(completion)) }
        let pairs = view.orderedPairs
        var (margin, accuracy) = (0.0, 0.0)
        for pair in pairs {
            let gap = scores[pair.better] - scores[pair.worse]
            margin += gap
            accuracy += gap > 0 ? 1 : gap == 0 ? 0.5 : 0
        }
        sum.measure("reward/rank_margin", pairs.isEmpty ? 0 : margin / Double(pairs.count) * share)
        let isTied = pairs.isEmpty
        sum.measure(
            "reward/rank_accuracy",
            (isTied ? 0.5 : accuracy / Double(pairs.count)) * share
        )
        for (name, value) in try measures(view) { sum.measure(name, value * share) }
    }

    /// What completions are ranked by: a reward model's score, the log-ratio where there is a
    /// reference, else the likelihood of a token.
    private func score(_ completion: SequenceView) throws(HoneError) -> Double {
        if requirements.trainsScores { return try completion.score.value }
        return requirements.needsReference
            ? try completion.logRatio.value : completion.averageLogprob.value
    }

    private func place(_ index: Int, _ position: Int) -> SequencePlace {
        SequencePlace(list: .groups, index: index, member: .completion(position))
    }
}
