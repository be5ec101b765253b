import Domain

/// Token-level DPO, second form: the chosen side's divergence is a constant, the rejected side's is
/// held down.
struct TDPO2: PairObjective {
    static let name = "tdpo2"
    static let aliases = ["tdpo"]
    static let summary =
        "DPO that holds the rejected side's distributions to the reference, the chosen side's free."
    static let source = "Zeng et al. 2024, arXiv 2404.11999"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .forwardKL])
    static let stopsGradients = true
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let parameters =
        TDPO1.parameters + [
            ParameterDescription(
                "alpha",
                .number(.nonNegative),
                default: 0.5,
                "The weight of the difference of the two sides' divergences."
            )
        ]

    let beta: Double
    private let alpha: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        alpha = parameters.number("alpha")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let held = try pair.held.chosen.total(.forwardKL)
        let drift = try pair.rejected.total(.forwardKL) - held
        return softplus(-(beta * (try pair.logRatioMargin - alpha * drift)))
    }
}
