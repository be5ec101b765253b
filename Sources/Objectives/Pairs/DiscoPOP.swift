import Domain

/// The log-ratio modulated loss, found by a language model searching over losses.
struct DiscoPOP: PairObjective {
    static let name = "discopop"
    static let aliases = ["lrml"]
    static let summary =
        "A blend of logistic and exponential loss, weighted by the margin "
        + "itself."
    static let source = "Lu et al. 2024, arXiv 2406.08414"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.05,
            "How strongly the policy is held to the reference."
        ),
        ParameterDescription(
            "tau",
            .number(.positive),
            default: 0.05,
            "How sharply the blend changes from one loss to the other."
        ),
    ]

    let beta: Double
    private let tau: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        tau = parameters.number("tau")
    }

    var lossAtReference: Double? { (softplus(0.0) + 1) / 2 }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let blend = (1 / tau) * margin
        // The exponents are added before `exp`, which neither factor alone would survive.
        return sigmoid(-blend) * softplus(-margin) + exp(logSigmoid(blend) - margin)
    }
}
