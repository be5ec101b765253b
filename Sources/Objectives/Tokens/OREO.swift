import Domain

/// Offline reasoning optimisation: policy and values made consistent with the soft Bellman equation.
struct OREO: TokenObjective {
    static let name = "oreo"
    static let summary =
        "Makes policy and values agree at every token with the reward that the completion got."
    static let source = "Wang et al. 2024, arXiv 2412.16145"
    static let requirements = DataRequirements(.sequences, [.referenceLogprobs, .values, .reward])
    static let stopsGradients = true
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.03,
            "What a log-ratio is worth in reward."
        ),
        ParameterDescription(
            "kl_coefficient",
            .number(.nonNegative),
            default: 0.01,
            "The weight of the KL penalty to the reference."
        ),
        ParameterDescription(
            "kl_estimator",
            .choice(["k3", "exact"]),
            default: "k3",
            "How the KL is taken: from one token's log-ratio, or exactly over the vocabulary."
        ),
        ParameterDescription(
            "value_coefficient",
            .number(.nonNegative),
            default: 1.0,
            "The weight of the values' error."
        ),
    ]

    let aggregation = LossAggregation.sequenceMean
    private let beta: Double
    private let klCoefficient: Double
    private let kl: PolicyKL
    private let valueCoefficient: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        klCoefficient = parameters.number("kl_coefficient")
        kl = PolicyKL(rawValue: parameters.string("kl_estimator")) ?? .k3
        valueCoefficient = parameters.number("value_coefficient")
    }

    var requirements: DataRequirements {
        var requirements = Self.requirements
        if klCoefficient > 0 { requirements.fields.insert(kl.field) }
        return requirements
    }

    /// The sums of the log-ratios from each token on, and 0 after the last: one more than tokens.
    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        let reference = try held.tokens(.referenceLogprobs)
        var sums = [Double](repeating: 0, count: reference.count + 1)
        for index in reference.indices.reversed() {
            let weight = held.terms.mask?[index] ?? 1
            let own = weight == 0 ? 0 : weight * (held.terms.logprobs[index] - reference[index])
            sums[index] = sums[index + 1] + own
        }
        return sums
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let reward = try token.sequence.scalar(.reward)
        let (rest, later) = (token.prepared[token.index], token.prepared[token.index + 1])
        let valueError = (try token.value) + beta * rest - reward
        let soft = beta * (try token.logRatio + later)
        let error = soft + (try token.held.value) - reward
        let loss = error.squared + valueCoefficient * valueError.squared
        return klCoefficient > 0 ? loss + klCoefficient * (try kl.penalty(token)) : loss
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        let rest = beta * token.prepared[token.index]
        let target = try token.sequence.scalar(.reward) - rest
        return [("value/squared_error", try (token.value - target).squared.value)]
    }
}
