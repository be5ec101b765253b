import Domain

/// DPO with a coefficient for each side, so that rejected likelihoods fall more slowly.
struct FlexDPO: PairObjective {
    static let name = "flex_dpo"
    static let summary = "DPO with separate coefficients for the chosen and the rejected side."
    static let source = "Yan et al. 2024 (3D-Properties), arXiv 2406.07327, section 4"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta_chosen",
            .number(.positive),
            default: 0.1,
            "The coefficient of the chosen completion's log-ratio."
        ),
        ParameterDescription(
            "beta_rejected",
            .number(.nonNegative),
            default: 0.05,
            "The coefficient of the rejected completion's log-ratio."
        ),
    ]

    private let betaChosen: Double
    private let betaRejected: Double

    init(_ parameters: ParameterValues) {
        betaChosen = parameters.number("beta_chosen")
        betaRejected = parameters.number("beta_rejected")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let chosen = betaChosen * (try pair.chosen.logRatio)
        let rejected = betaRejected * (try pair.rejected.logRatio)
        return softplus(rejected - chosen)
    }
}
