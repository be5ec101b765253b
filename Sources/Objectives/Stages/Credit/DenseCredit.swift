import Domain

/// A reward for each token beside the completion's own.
struct DenseCredit: CreditAssignment {
    static let name = "dense"
    static let summary = "Rewards given for each token, and the completion's own on the last one."
    static let source =
        "Zhong et al. 2024 (RTO), arXiv 2404.18922; Wu et al. 2023 (fine-grained), "
        + "arXiv 2306.01693"
    static let needsTokenRewards = true
    static let parameters = [
        ParameterDescription(
            "coefficient",
            .number(.any),
            default: 1,
            "The weight of the tokens' rewards."
        ),
        ParameterDescription(
            "outcome_coefficient",
            .number(.any),
            default: 1,
            "The weight of the completion's reward; 0 leaves it out."
        ),
        ParameterDescription(
            "clip",
            .number(.positive),
            default: .null,
            "The largest size of a token's weighted reward; none by default."
        ),
    ]

    private let coefficient: Double
    private let outcomeCoefficient: Double
    private let clip: Double

    init(_ parameters: ParameterValues) {
        coefficient = parameters.number("coefficient")
        outcomeCoefficient = parameters.number("outcome_coefficient")
        clip = parameters.optionalNumber("clip") ?? .infinity
    }

    func rewards(outcome: Double, tokenRewards: [Double], count: Int) -> [Double] {
        var result = tokenRewards.map { max(-clip, min(clip, coefficient * $0)) }
        result[count - 1] += outcomeCoefficient * outcome
        return result
    }
}
