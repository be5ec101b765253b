import Domain

/// Direct Nash optimisation: cross-entropy to the preference between the completions' win rates.
struct DNO: PairObjective {
    static let name = "dno"
    static let summary = "Cross-entropy to the preference implied by the two win rates."
    static let source = "Rosset et al. 2024, arXiv 2404.03715, algorithm 1"
    static let traits: Set<ObjectiveTrait> = [.marginOnly]
    static let requirements = DataRequirements(.pairs, [.oldLogprobs, .winRate])
    static let parameters = [
        ParameterDescription(
            "eta",
            .number(.positive),
            default: 0.1,
            "The scale of the log-ratio margin."
        )
    ]

    private let eta: Double

    init(_ parameters: ParameterValues) {
        eta = parameters.number("eta")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = try pair.chosen.oldLogRatio - pair.rejected.oldLogRatio
        let gap = (try pair.chosen.scalar(.winRate)) - (try pair.rejected.scalar(.winRate))
        return smoothedLogistic(eta * margin, sigmoid(-gap))
    }
}
