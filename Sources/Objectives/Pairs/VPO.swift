import Domain

/// Value-incentivised preference optimisation: optimism online, pessimism offline.
struct VPO: PairObjective {
    static let name = "vpo"
    static let summary =
        "DPO plus optimism (online) or pessimism (offline) about a calibration "
        + "sample."
    static let source = "Cen et al. 2024, arXiv 2405.19320"
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
            default: 0.1,
            "The strength of optimism or pessimism, in units of beta."
        ),
        ParameterDescription(
            "mode",
            .choice(["online", "offline"]),
            default: "online",
            "Online lowers the calibration sample's likelihood, offline raises it."
        ),
    ]

    let beta: Double
    private let alpha: Double
    private let mode: String

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        alpha = parameters.number("alpha")
        mode = parameters.string("mode")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (try pair.logRatioMargin)
        let sign = mode == "online" ? 1.0 : -1.0
        return softplus(-margin) + sign * alpha * beta * (try pair.exploration.logRatio)
    }
}
