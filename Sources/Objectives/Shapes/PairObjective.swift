package import Domain

/// An objective whose loss is a mean over preference pairs.
package protocol PairObjective: Objective {
    /// What a log-ratio is multiplied by to give the implicit reward; only for metrics.
    var beta: Double { get }

    /// The loss of one pair, as in the paper.
    func loss(_ pair: PairView) throws(HoneError) -> Dual

    /// What else is measured of a pair: names and values, of which the mean is reported.
    func measures(_ pair: PairView) throws(HoneError) -> [(String, Double)]
}

extension PairObjective {
    /// Plain log-ratios, unless said.
    package var beta: Double { 1 }

    /// The margin between the sides grows, unless said.
    public static var trend: MetricTrend { .rises("reward/margin") }

    /// Nothing, unless said.
    package func measures(_ pair: PairView) throws(HoneError) -> [(String, Double)] { [] }

    /// The mean over the batch's pairs.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .pairs(let pairs) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        for (index, terms) in zip(batch.firstIndex..., pairs) {
            let pair = try PairView(terms, index: index, statistics)
            let loss = try loss(pair)
            let share = terms.weight / max(batch.totals.pairs, 1)
            let place = SequencePlace(list: .pairs, index: index)
            try sum.add(loss.value, share: share, at: place)
            for (slot, view) in pair.members.enumerated() {
                try sum.append(view, loss, .init(logprob: slot, field: slot + 3), share: share)
            }
            try measure(pair, 1 / max(batch.totals.pairs, 1), &sum)
        }
        return sum.result
    }

    private func measure(
        _ pair: PairView,
        _ share: Double,
        _ sum: inout Accumulator
    )
        throws(HoneError)
    {
        let margin: Double
        if requirements.trainsScores {
            margin = try pair.chosen.score.value - pair.rejected.score.value
        } else {
            let hasReference = requirements.needsReference
            let ratio = hasReference ? try pair.logRatioMargin : nil
            margin = beta * (ratio ?? (pair.chosen.logprob - pair.rejected.logprob)).value
            sum.measure("policy/chosen_logprob", pair.chosen.logprob.value * share)
            sum.measure("policy/rejected_logprob", pair.rejected.logprob.value * share)
        }
        sum.measure("reward/margin", margin * share)
        sum.measure("preference/accuracy", (margin > 0 ? 1 : margin == 0 ? 0.5 : 0) * share)
        for (name, value) in try measures(pair) { sum.measure(name, value * share) }
    }

    /// The pairs of `content`.
    func views(of content: ObjectiveBatch.Content) throws(HoneError) -> [PairView] {
        guard case .pairs(let list) = content else { return [] }
        var views: [PairView] = []
        for (index, terms) in list.enumerated() {
            views.append(try PairView(terms, index: index, BatchStatistics()))
        }
        return views
    }
}
