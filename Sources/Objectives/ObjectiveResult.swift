/// The derivatives of a loss with respect to one sequence's numbers.
public struct SequenceGradient: Sendable, Hashable {
    /// One for each completion token.
    public var logprobs: [Double]
    /// One for each completion token, by the differentiable fields that the objective needs.
    public var tokens: [BatchField: [Double]] = [:]
    /// When the objective trains a score head.
    public var score: Double?

    /// Zero everywhere, with the parts that `requirements` call for.
    public init(zeroFor terms: SequenceTerms, _ requirements: DataRequirements) {
        let zeros = [Double](repeating: 0, count: terms.logprobs.count)
        logprobs = zeros
        for field in requirements.fields
        where field.place == .token && BatchField.differentiable.contains(field) {
            tokens[field] = zeros
        }
        score = requirements.trainsScores ? 0 : nil
    }

    /// By the value head's estimates.
    public var values: [Double]? { tokens[.values] }
    /// By the policy's entropies.
    public var entropies: [Double]? { tokens[.entropies] }

    /// Whether every derivative is a finite number.
    public var isFinite: Bool {
        logprobs.allSatisfy(\.isFinite) && score?.isFinite != false
            && tokens.values.allSatisfy { $0.allSatisfy(\.isFinite) }
    }
}

/// A loss, its gradient and its metrics; those of microbatches with shared totals add up.
public struct ObjectiveResult: Sendable, Hashable {
    /// The loss to minimise, already divided by the whole batch's totals.
    public var loss: Double
    /// One for each sequence, in the batch's order.
    public var gradients: [SequenceGradient]
    /// Named shares of means over the whole batch.
    public var metrics: [String: Double]

    /// A result.
    public init(
        loss: Double = 0,
        gradients: [SequenceGradient] = [],
        metrics: [String: Double] = [:]
    ) {
        self.loss = loss
        self.gradients = gradients
        self.metrics = metrics
    }

    /// Takes in the next microbatch of the same batch.
    public mutating func append(_ next: ObjectiveResult) {
        loss += next.loss
        gradients += next.gradients
        metrics.merge(next.metrics, uniquingKeysWith: +)
    }
}
