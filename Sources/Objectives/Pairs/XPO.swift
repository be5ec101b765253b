import Domain

/// Exploratory preference optimisation: DPO plus optimism.
struct XPO: PairObjective {
    static let name = "xpo"
    static let summary = "DPO that pushes down the likelihood of a reference sample, to explore."
    static let source = "Xie et al. 2024, arXiv 2405.21046"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .exploration])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "alpha",
            .number(.nonNegative),
            default: 1e-5,
            "The strength of exploration."
        ),
    ]

    let beta: Double
    private let alpha: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        alpha = parameters.number("alpha")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return softplus(-margin) + alpha * (try pair.exploration.logprob)
    }
}
