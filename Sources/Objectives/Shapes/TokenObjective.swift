package import Domain

/// An objective whose loss is a sum over tokens, each depending on its own numbers.
package protocol TokenObjective: Objective {
    /// How tokens become a batch.
    var aggregation: LossAggregation { get }

    /// The loss of one token, as in the paper.
    func loss(_ token: TokenView) throws(HoneError) -> Dual

    /// Whether clipping cut this token's gradient; for the metric `policy/clip_fraction`.
    func isClipped(_ token: TokenView) throws(HoneError) -> Bool
}

/// One completion token as an equation sees it.
package struct TokenView: Sendable {
    /// The sequence the token is in; its `logprob` is a constant here.
    package let sequence: SequenceView
    /// Which token.
    package let index: Int

    /// The policy's log-probability, variable 0.
    package var logprob: Dual { .variable(sequence.terms.logprobs[index], slot: 0) }

    /// The value head's estimate, variable 1.
    package var value: Dual {
        get throws(HoneError) { .variable(try number(.values), slot: 1) }
    }

    /// The policy's entropy, variable 2.
    package var entropy: Dual {
        get throws(HoneError) { .variable(try number(.entropies), slot: 2) }
    }

    /// The ratio to the policy the update started from, `exp(l - l_old)`.
    ///
    /// The exponent is held within ±20, as published trainers do, so that it cannot overflow.
    package var ratio: Dual {
        get throws(HoneError) { exp((logprob - (try number(.oldLogprobs))).clamped(to: -20...20)) }
    }

    /// The log-ratio to the reference, `l - r`.
    package var logRatio: Dual {
        get throws(HoneError) { logprob - (try number(.referenceLogprobs)) }
    }

    /// How much better than expected the token was.
    package var advantage: Double {
        get throws(HoneError) { try number(.advantages) }
    }

    /// The token's number of a per-token field.
    package func number(_ field: BatchField) throws(HoneError) -> Double {
        try sequence.tokens(field)[index]
    }
}

extension TokenObjective {
    /// Nothing is clipped, unless said.
    package func isClipped(_ token: TokenView) throws(HoneError) -> Bool { false }

    /// The aggregate over the batch's tokens.
    package func evaluate(_ batch: ObjectiveBatch) throws(HoneError) -> ObjectiveResult {
        var sum = Accumulator(self)
        guard case .sequences(let list) = batch.content else { throw sum.wrongKind(batch) }
        for (index, terms) in list.enumerated() {
            let place = SequencePlace(list: .sequences, index: index)
            let view = try SequenceView(terms, at: place, slot: nil)
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
        var gradient = SequenceGradient(zeroFor: view.terms, requirements)
        for index in view.terms.logprobs.indices {
            let weight = view.terms.mask?[index] ?? 1
            if weight == 0 { continue }
            let token = TokenView(sequence: view, index: index)
            let loss = try loss(token)
            try sum.add(loss.value, share: share * weight, at: view.place)
            let partials = loss.partials * (share * weight)
            gradient.logprobs[index] = partials[0]
            gradient.values?[index] = partials[1]
            gradient.entropies?[index] = partials[2]
            try measure(token, weight * tokenShare, &sum)
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
        if requirements.fields.contains(.oldLogprobs) {
            sum.measure("policy/clip_fraction", try isClipped(token) ? share : 0)
        }
        if requirements.needsReference {
            sum.measure("policy/kl", KLEstimator.k3.penalty(try token.logRatio).value * share)
        }
    }
}
