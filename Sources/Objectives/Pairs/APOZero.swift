import Domain

/// Anchored preference optimisation that raises chosen and lowers rejected completions.
struct APOZero: PairObjective {
    static let name = "apo_zero"
    static let summary =
        "Raises chosen and lowers rejected likelihoods, each against the "
        + "reference."
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
        let rejected = beta * (try pair.rejected.logRatio)
        return sigmoid(-chosen) + sigmoid(rejected)
    }
}
