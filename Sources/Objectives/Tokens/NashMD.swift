import Domain

/// Nash mirror descent: policy gradient on the preference over a mixture of policy and reference.
struct NashMD: TokenObjective {
    static let name = "nash_md"
    static let summary =
        "Policy gradient on the probability of beating a mixture of policy and reference."
    static let source = "Munos et al. 2023, arXiv 2312.00886"
    static let requirements = DataRequirements(.sequences, [.referenceLogprobs, .winRate])
    static let stopsGradients = true
    static let trend = MetricTrend.rises("policy/advantage_logprob")
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.nonNegative),
            default: 0.1,
            "The weight of the KL to the reference."
        ),
        ParameterDescription(
            "kl",
            .choice(["token", "sequence"]),
            default: "token",
            "Whether a token answers for its own log-ratio (TRL) or for the sequence's (EGPO)."
        ),
    ]

    let aggregation = LossAggregation.sequenceSum
    private let beta: Double
    private let isPerToken: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        isPerToken = parameters.string("kl") == "token"
    }

    func prepared(_ held: SequenceView) throws(HoneError) -> [Double] {
        [try held.logRatio.value]
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let drift = isPerToken ? try token.held.logRatio.value : token.prepared[0]
        return (beta * drift - (try preference(token))) * token.logprob
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        [("policy/advantage_logprob", try preference(token) * token.logprob.value)]
    }

    private func preference(_ token: TokenView) throws(HoneError) -> Double {
        try token.sequence.scalar(.winRate) - 0.5
    }
}
