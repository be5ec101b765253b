import Domain

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
            let slots = SequenceView.Slots(logprob: slot, field: slot + 3)
            return try SequenceView(sequence, at: place, slots: slots, statistics: statistics)
        }
        chosen = try view(terms.chosen, .chosen, 0)
        rejected = try view(terms.rejected, .rejected, 1)
        third =
            if let third = terms.third {
                try view(third, .third(terms.thirdField), 2)
            } else {
                nil
            }
    }

    private init(
        _ terms: PairTerms,
        _ chosen: SequenceView,
        _ rejected: SequenceView,
        _ third: SequenceView?
    ) {
        (self.terms, self.chosen, self.rejected, self.third) = (terms, chosen, rejected, third)
    }

    /// The pair as a stop-gradient sees it: the same numbers without derivatives.
    package var held: PairView {
        get throws(HoneError) {
            let third = if let third { try third.held } else { nil as SequenceView? }
            return PairView(terms, try chosen.held, try rejected.held, third)
        }
    }

    /// What the loss refers to of the whole batch.
    package var statistics: BatchStatistics { chosen.statistics }

    /// The third completion of exploring objectives.
    package var exploration: SequenceView {
        get throws(HoneError) { try third(.exploration) }
    }

    /// The demonstration that is better than both.
    package var gold: SequenceView {
        get throws(HoneError) { try third(.gold) }
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

    /// The views in gradient order; a view's derivatives are in the slots of its index.
    var members: [SequenceView] { [chosen, rejected] + (third.map { [$0] } ?? []) }

    private func third(_ field: BatchField) throws(HoneError) -> SequenceView {
        guard let third else { throw missing(field) }
        return third
    }

    private func missing(_ field: BatchField) -> HoneError {
        let place = SequencePlace(list: .pairs, index: chosen.place.index)
        return HoneError(
            .invalidData,
            "\(place) has no \(field.rawValue), which the objective needs",
            param: "\(place).\(field.rawValue)"
        )
    }
}
