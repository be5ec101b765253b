import Domain

/// The value head's squared error, clipped around the rollout's values.
struct ValueLoss: TokenObjective {
    static let name = "value_loss"
    static let summary = "Squared error of the value head, clipped around the rollout's values."
    static let source = "Schulman et al. 2017 (PPO), as in openai/lm-human-preferences; token mean"
    static let requirements = DataRequirements(.sequences, [.values, .returns])
    static let parameters = [
        ParameterDescription(
            "value_clip_range",
            .number(.positive),
            default: 0.2,
            "How far values may move from those of the rollout before the gradient stops."
        )
    ]

    let aggregation = LossAggregation.tokenMean
    private let terms: ValueTerms

    init(_ parameters: ParameterValues) {
        terms = ValueTerms(clipRange: parameters.number("value_clip_range"))
    }

    var requirements: DataRequirements { DataRequirements(.sequences, terms.fields) }

    func loss(_ token: TokenView) throws(HoneError) -> Dual { try terms.loss(token) }
}
