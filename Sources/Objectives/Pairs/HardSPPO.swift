import Domain

/// Self-play preference optimisation with certain preferences: fixed targets for both sides.
struct HardSPPO: PairObjective {
    static let name = "sppo_hard"
    static let summary =
        "Regresses the chosen log-ratio to 1/(2 beta), the rejected one to -1/(2 beta)."
    static let source = "Wu et al. 2024, arXiv 2405.00675, with preferences of 1 and 0 as in TRL"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "The inverse of the paper's eta: targets are 1/(2 beta) and its opposite."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { 0.5 / (beta * beta) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let target = 0.5 / beta
        return (try pair.chosen.logRatio - target).squared
            + (try pair.rejected.logRatio + target).squared
    }
}
