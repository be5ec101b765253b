import Domain

/// The exact divergence of every token's distribution from the reference's, on given completions.
struct TokenKL: TokenObjective {
    static let name = "token_kl"
    static let summary =
        "Holds or moves every token's distribution to the reference's, over the whole vocabulary."
    static let source =
        "Kullback & Leibler 1951; both directions as in Agarwal et al. 2023 (GKD), arXiv 2306.13649"
    static let requirements = DataRequirements(.sequences, [.reverseKL])
    static let parameters =
        [
            ParameterDescription(
                "beta",
                .number(.positive),
                default: 1.0,
                "The weight of the divergence."
            ),
            ParameterDescription(
                "direction",
                .choice(["reverse", "forward"]),
                default: "reverse",
                "KL of the policy from the reference (reverse), or of the reference from the policy."
            ),
            ParameterDescription(
                "entropy_coefficient",
                .number(.nonNegative),
                default: 0,
                "The weight of the bonus on the policy's entropy."
            ),
        ] + LossAggregation.parameters(.tokenMean)

    let aggregation: LossAggregation
    private let beta: Double
    private let direction: BatchField
    private let entropyCoefficient: Double

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        beta = parameters.number("beta")
        direction = parameters.string("direction") == "forward" ? .forwardKL : .reverseKL
        entropyCoefficient = parameters.number("entropy_coefficient")
    }

    var requirements: DataRequirements {
        DataRequirements(
            .sequences,
            entropyCoefficient > 0 ? [direction, .entropies] : [direction]
        )
    }

    var lossAtReference: Double? { entropyCoefficient > 0 ? nil : 0 }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        let divergence = beta * (try token.variable(direction))
        guard entropyCoefficient > 0 else { return divergence }
        return divergence - entropyCoefficient * (try token.variable(.entropies))
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        let name = direction == .reverseKL ? "policy/token_kl" : "policy/forward_kl"
        return [(name, try token.number(direction))]
    }
}
