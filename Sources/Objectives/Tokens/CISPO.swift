import Domain

/// Clipped importance-sampling policy optimisation: the weight is clipped, never the gradient.
struct CISPO: TokenObjective {
    static let name = "cispo"
    static let summary =
        "Policy gradient with a clipped, constant importance weight on every token."
    static let source = "MiniMax 2025 (MiniMax-M1), arXiv 2506.13585, equation 4"
    static let requirements = DataRequirements(.sequences, [.oldLogprobs, .advantages])
    static let stopsGradients = true
    static let parameters = [
        ParameterDescription(
            "clip_low",
            .number(.unit),
            default: 1,
            "How far below 1 the weight may fall; 1 sets no lower bound."
        ),
        ParameterDescription(
            "clip_high",
            .number(.nonNegative),
            default: 0.272,
            "How far above 1 the weight may rise."
        ),
    ]

    let aggregation = LossAggregation.tokenMean
    private let clipLow: Double
    private let clipHigh: Double

    init(_ parameters: ParameterValues) {
        clipLow = parameters.number("clip_low")
        clipHigh = parameters.number("clip_high")
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let weight = try token.ratio.clamped(to: (1 - clipLow)...(1 + clipHigh)).value
        return -(weight * (try token.advantage)) * token.logprob
    }

    func isClipped(_ token: TokenView) throws(HoneError) -> Bool {
        let ratio = try token.ratio.value
        return ratio < 1 - clipLow || ratio > 1 + clipHigh
    }
}
