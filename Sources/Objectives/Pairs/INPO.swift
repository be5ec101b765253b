import Domain

/// Iterative Nash policy optimisation: a no-regret step regularised to reference and last iterate.
struct INPO: PairObjective {
    static let name = "inpo"
    static let summary =
        "Regresses the margin to a step between the reference's and the last "
        + "iterate's."
    static let source = "Zhang et al. 2024, arXiv 2407.00617"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs, .oldLogprobs])
    static let parameters = [
        ParameterDescription(
            "eta",
            .number(.positive),
            default: 0.0075,
            "The step size; the target is 1/(2 eta)."
        ),
        ParameterDescription(
            "tau_over_eta",
            .number(.unit),
            default: 0.333333333333333,
            "How much of the anchor is the reference; the rest is the last iterate."
        ),
    ]

    private let eta: Double
    private let tauOverEta: Double

    init(_ parameters: ParameterValues) {
        eta = parameters.number("eta")
        tauOverEta = parameters.number("tau_over_eta")
    }

    var lossAtReference: Double? { 1 / (4 * eta * eta) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let anchored = tauOverEta * (try pair.logRatioMargin)
        let stepped = (1 - tauOverEta) * (try pair.chosen.oldLogRatio - pair.rejected.oldLogRatio)
        return (anchored + stepped - 1 / (2 * eta)).squared
    }
}
