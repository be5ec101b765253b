package import Domain

/// One completion token as an equation sees it.
package struct TokenView: Sendable {
    /// The slot of a sequence's summed log-probability in a token's loss.
    static let sequenceSlot = 7
    /// The slots of the fields with a derivative; that of the log-probability is 0.
    static let slots: [BatchField: Int] = [
        .values: 1, .entropies: 2, .reverseKL: 3, .forwardKL: 4, .collisions: 5, .teacherKL: 6,
    ]

    /// The sequence the token is in; its `logprob` is a variable of its own, for ratios of whole
    /// sequences.
    package let sequence: SequenceView
    /// Which token.
    package let index: Int
    /// What the objective took from the whole sequence, once (`TokenObjective.prepared`).
    package let prepared: [Double]
    private let heldSequence: SequenceView
    private let isVariable: Bool

    init(
        _ sequence: SequenceView,
        held: SequenceView,
        index: Int,
        prepared: [Double] = [],
        isVariable: Bool = true
    ) {
        self.sequence = sequence
        heldSequence = held
        self.index = index
        self.prepared = prepared
        self.isVariable = isVariable
    }

    /// The token as a stop-gradient sees it: the same numbers without derivatives.
    package var held: TokenView {
        TokenView(
            heldSequence,
            held: heldSequence,
            index: index,
            prepared: prepared,
            isVariable: false
        )
    }

    /// The policy's log-probability, `l`.
    package var logprob: Dual {
        .variable(sequence.terms.logprobs[index], slot: isVariable ? 0 : nil)
    }

    /// The value head's estimate.
    package var value: Dual {
        get throws(HoneError) { try variable(.values) }
    }

    /// A differentiable per-token field.
    package func variable(_ field: BatchField) throws(HoneError) -> Dual {
        .variable(try number(field), slot: isVariable ? Self.slots[field] : nil)
    }

    /// The ratio to the policy the update started from, `exp(l - l_old)`.
    ///
    /// The exponent is held within ±20, as published trainers do, so that it cannot overflow.
    package var ratio: Dual {
        get throws(HoneError) { try ratio(to: .oldLogprobs) }
    }

    /// The ratio to other log-probabilities of the token.
    package func ratio(to field: BatchField) throws(HoneError) -> Dual {
        exp((logprob - (try number(field))).clamped(to: -20...20))
    }

    /// The log-ratio to the reference, `l - r`.
    package var logRatio: Dual {
        get throws(HoneError) { logprob - (try number(.referenceLogprobs)) }
    }

    /// How much better than expected the token was.
    package var advantage: Double {
        get throws(HoneError) { try number(.advantages) }
    }

    /// The token's number of a per-token field, as a constant.
    package func number(_ field: BatchField) throws(HoneError) -> Double {
        try sequence.tokens(field)[index]
    }
}
