import Domain

/// Online self-preferring: the logistic loss with the strength of each preference as its label.
struct OnlineSelfPreferring: PairObjective {
    static let name = "osp"
    static let summary = "Logistic loss with a soft label: the strength of the preference."
    static let source = "Online Self-Preferring language models 2024, arXiv 2405.14103 (SPCE)"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(
        .pairs,
        [.referenceLogprobs, .preferenceProbability]
    )
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        return smoothedLogistic(margin, 1 - (try pair.preferenceProbability))
    }
}
