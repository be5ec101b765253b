package import Domain

/// An objective whose loss is a mean over preference pairs.
package protocol PairObjective: Objective {
    /// What a log-ratio is multiplied by to give the implicit reward; only for metrics.
    var beta: Double { get }

    /// The loss of one pair, as in the paper.
    func loss(_ pair: PairView) throws(HoneError) -> Dual
}

/// One pair as an equation sees it.
package struct PairView: Sendable {
    /// The preferred completion.
    package let chosen: SequenceView
    /// The other one.
    package let rejected: SequenceView
    /// The numbers behind the view.
    package let terms: PairTerms
    private let third: SequenceView?

    init(_ terms: PairTerms, index: Int, _ statistics: BatchStatistics) throws(HoneError) {
        self.terms = terms
        func view(
            _ sequence: SequenceTerms,
            _ member: SequencePlace.Member,
            _ slot: Int
        )
            throws(HoneError) -> SequenceView
        {
            let place = SequencePlace(list: .pairs, index: index, member: member)
            return try SequenceView(sequence, at: place, slot: slot, statistics: statistics)
        }
        chosen = try view(terms.chosen, .chosen, 0)
        rejected = try view(terms.rejected, .rejected, 1)
        third = if let third = terms.exploration { try view(third, .exploration, 2) } else { nil }
    }

    /// The third completion of exploring objectives.
    package var exploration: SequenceView {
        get throws(HoneError) {
            guard let third else { throw missing(.exploration) }
            return third
        }
    }

    /// The difference of the log-ratios, `Δ = (L_w - R_w) - (L_l - R_l)`.
    package var logRatioMargin: Dual {
        get throws(HoneError) { try chosen.logRatio - rejected.logRatio }
    }

    /// The probability that the chosen one is truly preferred.
    package var preferenceProbability: Double {
        get throws(HoneError) {
            guard let value = terms.preferenceProbability else {
                throw missing(.preferenceProbability)
            }
            return value
        }
    }

    /// The views in gradient order; a view's derivative is in the slot of its index.
    var members: [SequenceView] { [chosen, rejected] + (third.map { [$0] } ?? []) }

    private func missing(_ field: BatchField) -> HoneError {
        let place = SequencePlace(list: .pairs, index: chosen.place.index)
        return HoneError(
            .invalidData,
            "\(place) has no \(field.rawValue), which the objective needs",
            param: "\(place).\(field.rawValue)"
        )
    }
}

extension PairObjective {
    /// Plain log-ratios, unless said.
    package var beta: Double { 1 }

    /// The mean over the batch's pairs.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .pairs(let pairs) = batch.content else { throw sum.wrongKind(batch) }
        let statistics = try statistics(for: batch)
        for (index, terms) in pairs.enumerated() {
            let pair = try PairView(terms, index: index, statistics)
            let loss = try loss(pair)
            let share = terms.weight / max(batch.totals.pairs, 1)
            let place = SequencePlace(list: .pairs, index: index)
            try sum.add(loss.value, share: share, at: place)
            for (slot, view) in pair.members.enumerated() {
                let derivative = loss.partials[slot] * share
                try sum.append(view.terms, derivative: derivative, at: view.place)
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
    }
}
