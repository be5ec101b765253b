import Domain

/// Anchored preference optimisation that lowers both sides, the rejected more.
struct APODown: PairObjective {
    static let name = "apo_down"
    static let summary =
        "Lowers both likelihoods, the rejected more; for a policy better than "
        + "its data."
    static let source = "D'Oosterlinck et al. 2024, arXiv 2408.06266"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
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

    var lossAtReference: Double? { 1 }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let chosen = beta * (try pair.chosen.logRatio)
        let margin = beta * (try pair.logRatioMargin)
        return sigmoid(chosen) + sigmoid(-margin)
    }
}
