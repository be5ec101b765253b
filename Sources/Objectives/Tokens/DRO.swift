import Domain

/// Policy gradient with a squared penalty on the log-ratio to the policy that sampled.
struct DRO: TokenObjective {
    static let name = "dro"
    static let summary =
        "Log-likelihood times advantage, less a squared penalty on leaving the old policy."
    static let source = "verl's policy loss of this name, after Kimi Team 2025, arXiv 2501.12599"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let preset = StagePreset()
    static let trend = MetricTrend.rises("policy/advantage_logprob")
    static let parameters =
        [
            ParameterDescription(
                "beta",
                .number(.positive),
                default: 0.1,
                "The weight of the squared log-ratio."
            )
        ] + LossAggregation.parameters(.tokenMean)

    let aggregation: LossAggregation
    private let beta: Double

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        beta = parameters.number("beta")
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let move = token.logprob - (try token.number(.oldLogprobs))
        return beta / 2 * move.squared - (try token.advantage) * token.logprob
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        [("policy/advantage_logprob", try token.advantage * token.logprob.value)]
    }
}
