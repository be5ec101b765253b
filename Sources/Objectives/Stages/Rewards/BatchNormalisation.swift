import Domain

/// Standardises rewards within their iteration.
struct BatchNormalisation: RewardTransform {
    static let name = "batch_normalise"
    static let summary = "Reward over the deviation of the iteration's rewards."
    static let source = "TRL, scale_rewards \"batch\"; Liu et al. 2025, arXiv 2508.08221"
    static let momentScope = MomentScope.iteration
    static let parameters = [
        ParameterDescription(
            "centre",
            .bool,
            default: true,
            "Whether the mean is subtracted first; without, rewards are only scaled."
        ),
        ParameterDescription(
            "epsilon",
            .number(.positive),
            default: 1e-4,
            "Added to the standard deviation, so that near-equal rewards are not blown up."
        ),
    ]

    private let isCentred: Bool
    private let epsilon: Double

    init(_ parameters: ParameterValues) {
        isCentred = parameters.bool("centre")
        epsilon = parameters.number("epsilon")
    }

    /// Rewards that are all equal are not scaled: their deviation says nothing.
    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        let deviation = place.moments.deviation
        let centred = reward - (isCentred ? place.moments.mean : 0)
        return deviation > 0 ? centred / (deviation + epsilon) : centred
    }
}
