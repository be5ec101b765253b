import Domain

/// Identity preference optimisation: the margin is regressed to a finite target.
struct IPO: PairObjective {
    static let name = "ipo"
    static let summary =
        "Regresses the log-ratio margin to 1/(2 beta), so it cannot run away."
    static let source = "Azar et al. 2023, arXiv 2310.12036, equation 17"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "The paper's tau: the target margin is 1/(2 beta)."
        ),
        ParameterDescription(
            "length_average",
            .bool,
            default: true,
            "Whether log-ratios are per token (TRL, the authors' advice) or summed (the paper)."
        ),
    ]

    let beta: Double
    private let lengthAverage: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        lengthAverage = parameters.bool("length_average")
    }

    var lossAtReference: Double? { 1 / (4 * beta * beta) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin =
            lengthAverage
            ? try pair.chosen.averageLogRatio - pair.rejected.averageLogRatio
            : try pair.logRatioMargin
        return (margin - 1 / (2 * beta)).squared
    }
}
