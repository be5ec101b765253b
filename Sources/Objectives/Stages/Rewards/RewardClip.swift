import Domain

/// Holds rewards within a range.
struct RewardClip: RewardTransform {
    static let name = "clip"
    static let summary = "Holds the reward within a range."
    static let source = "OpenRLHF and MOSS-RLHF, reward_clip; Zheng et al. 2023, arXiv 2307.04964"
    static let parameters = [
        ParameterDescription("low", .number(.any), default: -10, "The lowest reward."),
        ParameterDescription("high", .number(.any), default: 10, "The highest reward."),
    ]

    private let low: Double
    private let high: Double

    init(_ parameters: ParameterValues) {
        low = parameters.number("low")
        high = parameters.number("high")
    }

    var contradiction: ParameterContradiction? {
        ParameterContradiction("low", if: low > high, "must not be above high (\(high))")
    }

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        max(low, min(high, reward))
    }
}
