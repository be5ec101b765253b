import Domain

/// Squashes rewards into 0 to 1.
struct RewardSigmoid: RewardTransform {
    static let name = "sigmoid"
    static let summary = "The logistic function of the reward."
    static let source = "Fu et al. 2025, arXiv 2502.18770, section 3"

    init(_ parameters: ParameterValues) {}

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? { sigmoid(reward) }
}
