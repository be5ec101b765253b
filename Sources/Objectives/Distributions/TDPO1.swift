import Domain

/// Token-level DPO, first form: the margin is corrected by how far the two sides' distributions have
/// moved from the reference's.
struct TDPO1: PairObjective {
    static let name = "tdpo1"
    static let summary =
        "DPO less the difference of the two sides' exact KL of the reference from the policy."
    static let source = "Zeng et al. 2024, arXiv 2404.11999"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .forwardKL])
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
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
        let drift = try pair.rejected.total(.forwardKL) - pair.chosen.total(.forwardKL)
        return softplus(-(beta * (try pair.logRatioMargin - drift)))
    }
}
