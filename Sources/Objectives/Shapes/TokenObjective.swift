package import Domain

/// An objective whose loss is a sum over tokens, each depending on its own numbers and on sums over
/// its sequence.
package protocol TokenObjective: Objective {
    /// How tokens become a batch.
    var aggregation: LossAggregation { get }

    /// Numbers of a whole sequence, as a stop-gradient sees it, that its tokens' losses share: taken
    /// once for the sequence, found in `TokenView.prepared`.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double]

    /// The loss of one token, as in the paper.
    func loss(_ token: TokenView) throws(HoneError) -> Dual

    /// Whether clipping cut this token's gradient; for the metric `policy/clip_fraction`.
    func isClipped(_ token: TokenView) throws(HoneError) -> Bool

    /// What else is measured of a token: names and values, of which the mean over the batch's
    /// tokens is reported.
    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)]
}

extension TokenObjective {
    /// None, unless said.
    package func prepared(_ held: SequenceView) throws(HoneError) -> [Double] { [] }

    /// Nothing is clipped, unless said.
    package func isClipped(_ token: TokenView) throws(HoneError) -> Bool { false }

    /// Nothing, unless said.
    package func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] { [] }

    /// The aggregate over the batch's tokens.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .sequences(let list) = batch.content else { throw sum.wrongKind(batch) }
        for (index, terms) in zip(batch.firstIndex..., list) {
            let place = SequencePlace(list: .sequences, index: index)
            let view = try SequenceView(
                terms,
                at: place,
                slots: .init(logprob: TokenView.sequenceSlot)
            )
            let share = terms.weight * aggregation.share(length: view.length, batch.totals)
            try sum.append(
                try gradient(view, share, 1 / max(batch.totals.tokens, 1), &sum),
                at: place
            )
        }
        return sum.result
    }

    private func gradient(
        _ view: SequenceView,
        _ share: Double,
        _ tokenShare: Double,
        _ sum: inout Accumulator
    ) throws(HoneError) -> SequenceGradient {
        var gradient = SequenceGradient(zeroFor: view.terms, sum.requirements)
        // Looked at whole, whatever the loss will read of them.
        for field in BatchField.allCases
        where field.place == .token && sum.requirements.fields.contains(field) {
            _ = try view.tokens(field)
        }
        let slots = TokenView.slots.filter { gradient.tokens[$0.key] != nil }
        let held = try view.held
        let prepared = try prepared(held)
        var bySum = 0.0
        for index in view.terms.logprobs.indices {
            let weight = view.terms.mask?[index] ?? 1
            if weight == 0 { continue }
            let token = TokenView(view, held: held, index: index, prepared: prepared)
            let loss = try loss(token)
            try sum.add(loss.value, share: share * weight, at: view.place)
            let partials = loss.partials * (share * weight)
            gradient.logprobs[index] = partials[0]
            for (field, slot) in slots {
                gradient.tokens[field]?[index] = partials[slot]
            }
            bySum += partials[TokenView.sequenceSlot]
            try measure(token, weight * tokenShare, &sum)
        }
        if bySum != 0 {
            for index in gradient.logprobs.indices {
                gradient.logprobs[index] += bySum * (view.terms.mask?[index] ?? 1)
            }
        }
        return gradient
    }

    private func measure(
        _ token: TokenView,
        _ share: Double,
        _ sum: inout Accumulator
    )
        throws(HoneError)
    {
        // What a ratio may be taken to.
        if !sum.requirements.fields.isDisjoint(with: [.oldLogprobs, .behaviorLogprobs]) {
            sum.measure("policy/clip_fraction", try isClipped(token) ? share : 0)
        }
        if sum.requirements.needsReference {
            sum.measure("policy/token_kl", KLEstimator.k3.penalty(try token.logRatio).value * share)
        }
        for (name, value) in try measures(token) { sum.measure(name, value * share) }
    }
}
