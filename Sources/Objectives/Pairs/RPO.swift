import Domain

/// Regularised preference optimisation: DPO plus likelihood of the chosen, against over-optimisation.
struct RPO: PairObjective {
    static let name = "rpo"
    static let summary = "DPO plus the chosen completion's likelihood, which cannot collapse."
    static let source = "Liu et al. 2024, arXiv 2405.16436"
    static let traits: Set<ObjectiveTrait> = [.referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "eta",
            .number(.nonNegative),
            default: 0.005,
            "The weight of the likelihood, in units of beta."
        ),
    ]

    let beta: Double
    private let eta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        eta = parameters.number("eta")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return softplus(-margin) - eta * beta * pair.chosen.logprob
    }
}
