import Domain

/// DPO under other divergences than reverse KL.
struct FDPO: PairObjective {
    static let name = "f_dpo"
    static let summary = "DPO under a chosen f-divergence to the reference."
    static let source = "Wang et al. 2023, arXiv 2309.16240, table 1"
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
            "divergence",
            .choice(["reverse_kl", "forward_kl", "js", "alpha"]),
            default: "reverse_kl",
            "The divergence that holds the policy to the reference."
        ),
        ParameterDescription(
            "alpha",
            .number(NumericRange(0, 1, includesLower: false, includesUpper: false)),
            default: 0.5,
            "The order of the alpha divergence, counted so that 1 is reverse KL."
        ),
    ]

    let beta: Double
    private let divergence: String
    private let alpha: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        divergence = parameters.string("divergence")
        alpha = parameters.number("alpha")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = try link(pair.chosen.logRatio) - link(pair.rejected.logRatio)
        return softplus(-(beta * margin))
    }

    /// The derivative of the divergence's generator, at the exponential of the log-ratio.
    private func link(_ logRatio: Dual) -> Dual {
        switch divergence {
        case "forward_kl": -bounded(-logRatio)
        case "js": logSigmoid(logRatio)
        case "alpha": bounded((alpha - 1) * logRatio) / (alpha - 1)
        default: logRatio
        }
    }

    /// The exponential, flat above 80 so that it cannot overflow.
    private func bounded(_ x: Dual) -> Dual { exp(smaller(x, Dual(80))) }
}
