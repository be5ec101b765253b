import Domain

/// Gathers weighted terms into a result, refusing what is not finite by the sequence's name.
struct Accumulator {
    private(set) var result = ObjectiveResult()
    let name: String
    let requirements: DataRequirements

    init(_ objective: some Objective) {
        name = type(of: objective).name
        requirements = objective.requirements
    }

    /// Adds one element's loss, times its share of the batch.
    mutating func add(_ loss: Double, share: Double, at place: SequencePlace) throws(HoneError) {
        guard (loss * share).isFinite else { throw notFinite("loss", place) }
        result.loss += loss * share
    }

    /// Adds the gradient of a sequence whose sums are in these slots of `loss`: the derivative by a
    /// sum goes to every trained token alike.
    mutating func append(
        _ view: SequenceView,
        _ loss: Dual,
        _ slots: SequenceView.Slots,
        share: Double
    )
        throws(HoneError)
    {
        let derivative = slots.logprob.map { loss.partials[$0] * share } ?? 0
        let terms = view.terms
        var gradient = SequenceGradient(zeroFor: terms, requirements)
        func spread(_ derivative: Double) -> [Double] {
            guard let mask = terms.mask else { return terms.logprobs.map { _ in derivative } }
            return mask.map { $0 == 0 ? 0 : $0 * derivative }
        }
        if requirements.trainsScores {
            gradient.score = derivative
        } else {
            gradient.logprobs = spread(derivative)
        }
        if let field = gradient.tokens.keys.first, let slot = slots.field {
            gradient.tokens[field] = spread(loss.partials[slot] * share)
        }
        try append(gradient, at: view.place)
    }

    /// Adds a sequence's gradient as it is.
    mutating func append(_ gradient: SequenceGradient, at place: SequencePlace) throws(HoneError) {
        guard gradient.isFinite else { throw notFinite("gradient", place) }
        result.gradients.append(gradient)
    }

    /// Adds an element's share of a mean over the batch; what is not finite is left out.
    mutating func measure(_ metric: String, _ share: Double) {
        if share.isFinite { result.metrics[metric, default: 0] += share }
    }

    /// The batch has another structure than the objective is defined on.
    func wrongKind(_ batch: ObjectiveBatch) -> HoneError {
        HoneError(
            .invalidData,
            "\(name) needs \(requirements.kind.rawValue), not \(batch.content.kind.rawValue)",
            param: requirements.kind.rawValue
        )
    }

    private func notFinite(_ what: String, _ place: SequencePlace) -> HoneError {
        HoneError(
            .notANumber,
            "the \(what) of \(place) under \(name) is not a finite number; look at its "
                + "log-probabilities and rewards, and lower the learning rate if they ran away",
            param: place.description
        )
    }
}
