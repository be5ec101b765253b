import Domain

/// Scales and shifts rewards.
struct AffineReward: RewardTransform {
    static let name = "affine"
    static let aliases = ["scale", "shift"]
    static let summary = "The reward times a scale, plus a shift."
    static let source = "AReaL, reward_scaling and reward_bias"
    static let parameters = [
        ParameterDescription("scale", .number(.any), default: 1, "What the reward is times."),
        ParameterDescription("shift", .number(.any), default: 0, "What is added after that."),
    ]

    private let scale: Double
    private let shift: Double

    init(_ parameters: ParameterValues) {
        scale = parameters.number("scale")
        shift = parameters.number("shift")
    }

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? { scale * reward + shift }
}
