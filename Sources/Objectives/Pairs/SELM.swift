import Domain

/// Self-exploring language models: optimism in the implicit reward.
struct SELM: PairObjective {
    static let name = "selm"
    static let summary =
        "DPO that lowers the implicit reward of the last iterate's sample, to "
        + "explore."
    static let source = "Zhang et al. 2024, arXiv 2405.19332"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .exploration])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.01,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "alpha",
            .number(.nonNegative),
            default: 0.001,
            "The strength of exploration, in units of beta."
        ),
    ]

    let beta: Double
    private let alpha: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        alpha = parameters.number("alpha")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return softplus(-margin) + alpha * beta * (try pair.exploration.logRatio)
    }
}
