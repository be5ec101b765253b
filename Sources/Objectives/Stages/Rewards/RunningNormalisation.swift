import Domain

/// Standardises rewards by all that the run has seen.
struct RunningNormalisation: RewardTransform {
    static let name = "running_normalise"
    static let summary = "Reward over the deviation of all rewards of the run so far."
    static let source =
        "MOSS-RLHF, RunningMoments; Zheng et al. 2023, arXiv 2307.04964, section 5.3"
    static let momentScope = MomentScope.history
    static let parameters = [
        ParameterDescription(
            "centre",
            .bool,
            default: true,
            "Whether the mean is subtracted first; without, rewards are only scaled."
        )
    ]

    private let isCentred: Bool

    init(_ parameters: ParameterValues) { isCentred = parameters.bool("centre") }

    /// Rewards that are all equal so far are not scaled: their deviation says nothing.
    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        let deviation = place.moments.deviation
        return (reward - (isCentred ? place.moments.mean : 0)) / (deviation > 0 ? deviation : 1)
    }
}
