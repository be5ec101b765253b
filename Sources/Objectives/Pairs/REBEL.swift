import Domain

/// Regression to relative rewards: the log-ratio margin follows the reward difference.
struct REBEL: PairObjective {
    static let name = "rebel"
    static let summary = "Regresses the log-ratio margin to the difference of rewards."
    static let source = "Gao et al. 2024, arXiv 2404.16767"
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .rewardShift]
    static let requirements = DataRequirements(.pairs, [.oldLogprobs, .reward])
    static let parameters = [
        ParameterDescription(
            "eta",
            .number(.positive),
            default: 1.0,
            "What a unit of reward is worth in log-ratio."
        )
    ]

    private let eta: Double

    init(_ parameters: ParameterValues) {
        eta = parameters.number("eta")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = try pair.chosen.oldLogRatio - pair.rejected.oldLogRatio
        let gap = (try pair.chosen.scalar(.reward)) - (try pair.rejected.scalar(.reward))
        return (margin - eta * gap).squared
    }
}
