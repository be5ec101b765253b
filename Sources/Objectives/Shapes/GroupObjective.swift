package import Domain

/// An objective whose loss is a mean over groups of scored completions.
///
/// Unscored completions are left out of their group and get a zero gradient.
package protocol GroupObjective: Objective {
    /// The loss of one group, as in the paper.
    func loss(_ group: GroupView) throws(HoneError) -> Dual
}

/// One group's scored completions as an equation sees them.
package struct GroupView: Sendable {
    /// The scored completions, in the batch's order.
    package let completions: [SequenceView]
    /// Their rewards.
    package let rewards: [Double]

    /// Every pair of completions of which the first has the higher reward.
    package var orderedPairs: [(better: Int, worse: Int)] {
        rewards.indices.flatMap { better in
            rewards.indices.filter { rewards[better] > rewards[$0] }.map { (better, $0) }
        }
    }
}

extension GroupObjective {
    /// The mean over the batch's groups.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .groups(let groups) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        for (index, group) in groups.enumerated() {
            try check(group, index)
            let share = group.weight / max(batch.totals.groups, 1)
            let loss = try differentiate(group, index, statistics)
            try sum.add(loss.value, share: share, at: SequencePlace(list: .groups, index: index))
            for (position, terms) in group.completions.enumerated() {
                let derivative = loss.derivatives[position] * share
                try sum.append(terms, derivative: derivative, at: place(index, position))
            }
            measure(group, 1 / max(batch.totals.groups, 1), &sum)
        }
        return sum.result
    }

    /// A dual has four slots: the loss is taken once for every four scored completions.
    private func differentiate(
        _ group: GroupTerms,
        _ index: Int,
        _ statistics: BatchStatistics
    )
        throws(HoneError) -> (value: Double, derivatives: [Double])
    {
        let scored = group.completions.indices.filter { group.completions[$0].reward != nil }
        var value = 0.0
        var derivatives = [Double](repeating: 0, count: group.completions.count)
        // Too few scored completions say nothing: the group adds nothing.
        guard scored.count >= Self.requirements.minimumGroupSize else { return (0, derivatives) }
        for start in stride(from: 0, to: scored.count, by: 4) {
            var views: [SequenceView] = []
            for (rank, position) in scored.enumerated() {
                let slot = (start..<start + 4).contains(rank) ? rank - start : nil
                let terms = group.completions[position]
                let place = place(index, position)
                views.append(
                    try SequenceView(terms, at: place, slot: slot, statistics: statistics)
                )
            }
            let rewards = views.compactMap { $0.terms.reward }
            let loss = try loss(GroupView(completions: views, rewards: rewards))
            value = loss.value
            for rank in start..<min(start + 4, scored.count) {
                derivatives[scored[rank]] = loss.partials[rank - start]
            }
        }
        return (value, derivatives)
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

    private func measure(_ group: GroupTerms, _ share: Double, _ sum: inout Accumulator) {
        let rewards = group.completions.compactMap { $0.reward }
        sum.measure("reward/mean", rewards.reduce(0, +) / Double(max(rewards.count, 1)) * share)
    }

    private func place(_ index: Int, _ position: Int) -> SequencePlace {
        SequencePlace(list: .groups, index: index, member: .completion(position))
    }
}
