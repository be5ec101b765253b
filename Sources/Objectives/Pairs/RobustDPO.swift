import Domain

/// DPO made unbiased under randomly flipped preferences.
struct RobustDPO: PairObjective {
    static let name = "robust_dpo"
    static let aliases = ["robust"]
    static let summary = "DPO whose mean over randomly flipped labels is the clean DPO loss."
    static let source = "Chowdhury et al. 2024, arXiv 2403.00409"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "flip_rate",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0.1,
            "The share of preferences assumed to be flipped."
        ),
    ]

    let beta: Double
    private let flipRate: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        flipRate = parameters.number("flip_rate")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let kept = (1 - flipRate) * softplus(-margin)
        return (kept - flipRate * softplus(margin)) / (1 - 2 * flipRate)
    }
}
