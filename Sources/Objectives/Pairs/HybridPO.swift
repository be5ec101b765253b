import Domain

/// Hybrid preference optimisation: offline pairs for the contrast, the policy's own samples for the
/// KL to the reference.
struct HybridPO: PairObjective {
    static let name = "hybrid_po"
    static let summary =
        "DPO on given pairs plus the KL to the reference on the policy's own sample."
    static let source = "Song et al. 2024, arXiv 2406.01462"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .exploration])
    static let stopsGradients = true
    static let traits: Set<ObjectiveTrait> = [.marginOnly]
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference on the pairs."
        ),
        ParameterDescription(
            "kl_coefficient",
            .number(.nonNegative),
            default: 0.01,
            "The weight of the KL to the reference on the policy's own sample."
        ),
    ]

    let beta: Double
    private let klCoefficient: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        klCoefficient = parameters.number("kl_coefficient")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let drift = try pair.held.exploration.logRatio.value
        return softplus(-margin) + klCoefficient * drift * (try pair.exploration.logprob)
    }
}
