package import Domain

/// One sequence as an equation sees it: sums over trained tokens, with derivatives.
package struct SequenceView: Sendable {
    /// Which slots of a dual a sequence's variables have; `nil` makes them constants.
    struct Slots: Sendable {
        /// That of the summed log-probability.
        var logprob: Int?
        /// That of the sum of the one other differentiable field that an objective may sum.
        var field: Int?

        static let none = Slots()
        static let alone = Slots(logprob: 0, field: 3)
    }

    /// The numbers behind the view.
    package let terms: SequenceTerms
    /// Where the sequence stands in the batch.
    package let place: SequencePlace
    /// What the loss refers to of the whole batch.
    package let statistics: BatchStatistics
    /// The number of trained tokens, `|y|`.
    package let length: Double
    /// The summed log-probability of the trained tokens, `L`; the sequence's variable.
    package let logprob: Dual
    private let slots: Slots

    init(
        _ terms: SequenceTerms,
        at place: SequencePlace,
        slots: Slots = .alone,
        statistics: BatchStatistics = BatchStatistics()
    ) throws(HoneError) {
        self.terms = terms
        self.place = place
        self.slots = slots
        self.statistics = statistics
        try Self.checkMask(terms, place)
        length = terms.trainedTokenCount
        logprob = .variable(Self.sum(terms.logprobs, terms.mask), slot: slots.logprob)
    }

    /// The sequence as a stop-gradient sees it: the same numbers without derivatives.
    package var held: SequenceView {
        get throws(HoneError) {
            try SequenceView(terms.heldTerms, at: place, slots: .none, statistics: statistics)
        }
    }

    /// The mean log-probability of the trained tokens, `L / |y|`; 0 when there are none.
    package var averageLogprob: Dual { logprob / max(length, 1) }

    /// The log-ratio to the reference, `L - R`.
    package var logRatio: Dual {
        get throws(HoneError) { logprob - (try sum(.referenceLogprobs)) }
    }

    /// The log-ratio to the policy the update started from, `L - L_old`.
    package var oldLogRatio: Dual {
        get throws(HoneError) { logprob - (try sum(.oldLogprobs)) }
    }

    /// The log-ratio to the reference per trained token; 0 when there are none.
    package var averageLogRatio: Dual {
        get throws(HoneError) { try logRatio / max(length, 1) }
    }

    /// The score head's output; the sequence's variable for reward models.
    package var score: Dual {
        get throws(HoneError) { .variable(try scalar(.score), slot: slots.logprob) }
    }

    /// Whether the sequence was found desirable.
    package var label: Bool {
        get throws(HoneError) {
            guard let label = terms.label else { throw missing(.label) }
            return label
        }
    }

    /// The sum of a per-token field over the trained tokens, as a constant.
    package func sum(_ field: BatchField) throws(HoneError) -> Double {
        Self.sum(try tokens(field), terms.mask)
    }

    /// The sum of a differentiable per-token field, a variable of its own.
    package func total(_ field: BatchField) throws(HoneError) -> Dual {
        .variable(try sum(field), slot: slots.field)
    }

    /// A per-token field, one number for each completion token.
    package func tokens(_ field: BatchField) throws(HoneError) -> [Double] {
        guard let list = terms[tokens: field] else { throw missing(field) }
        guard list.count == terms.logprobs.count else {
            throw Self.lengthMismatch(field.rawValue, list.count, terms.logprobs.count, place)
        }
        return list
    }

    /// A per-sequence field.
    package func scalar(_ field: BatchField) throws(HoneError) -> Double {
        guard let value = terms[scalar: field] else { throw missing(field) }
        return value
    }

    /// The error of a field that the data does not have.
    func missing(_ field: BatchField) -> HoneError {
        HoneError(
            .invalidData,
            "\(place) has no \(field.rawValue), which the objective needs",
            param: "\(place).\(field.rawValue)"
        )
    }
}

extension SequenceView {
    private static func checkMask(_ terms: SequenceTerms, _ place: SequencePlace) throws(HoneError)
    {
        guard let mask = terms.mask else { return }
        guard mask.count == terms.logprobs.count else {
            throw lengthMismatch("mask", mask.count, terms.logprobs.count, place)
        }
        guard mask.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw HoneError(
                .invalidData,
                "\(place).mask has a negative or infinite weight; write 0 or 1 for each token",
                param: "\(place).mask"
            )
        }
    }

    private static func lengthMismatch(
        _ field: String,
        _ count: Int,
        _ expected: Int,
        _ place: SequencePlace
    ) -> HoneError {
        HoneError(
            .invalidData,
            "\(place).\(field) has \(count) numbers, but the completion has \(expected) tokens",
            param: "\(place).\(field)"
        )
    }

    /// Tokens with weight 0 are left out, so that not even their NaN can leak in.
    private static func sum(_ list: [Double], _ mask: [Double]?) -> Double {
        guard let mask else { return list.reduce(0, +) }
        return zip(list, mask).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.0 * $1.1 }
    }
}
