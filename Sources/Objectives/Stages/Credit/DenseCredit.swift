import Domain

/// A reward for each token beside the completion's own.
struct DenseCredit: CreditAssignment {
    static let name = "dense"
    static let summary = "Rewards given for each token, and the completion's own on the last one."
    static let source =
        "Zhong et al. 2024 (RTO), arXiv 2404.18922; Wu et al. 2023 (fine-grained), "
        + "arXiv 2306.01693; Cui et al. 2025 (PRIME), arXiv 2502.01456"
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
        ParameterDescription(
            "baseline",
            .choice(["none", "leave_one_out"]),
            default: "none",
            "Whether outcomes and tokens' rewards are taken less those of the group's others, each "
                + "kind on its own (PRIME)."
        ),
    ]

    private let coefficient: Double
    private let outcomeCoefficient: Double
    private let clip: Double
    private let leavesOneOut: Bool

    init(_ parameters: ParameterValues) {
        coefficient = parameters.number("coefficient")
        outcomeCoefficient = parameters.number("outcome_coefficient")
        clip = parameters.optionalNumber("clip") ?? .infinity
        leavesOneOut = parameters.string("baseline") == "leave_one_out"
    }

    /// Less the mean over the others, a token's that of their means over tokens; alone there is nothing
    /// to learn from.
    ///
    /// PRIME's code: `r_t k/(k-1) - Σ_j mean(r_j)/(k-1)`, the completion's own mean in the sum.
    func compared(_ group: [CreditedCompletion]) -> [CreditedCompletion] {
        guard leavesOneOut else { return group }
        let others = Double(group.count - 1)
        guard others > 0 else {
            return group.map { .init(outcome: 0, tokens: $0.tokens.map { _ in 0 }) }
        }
        let scale = Double(group.count) / others
        let outcome = group.reduce(0) { $0 + $1.outcome } / others
        let token = group.reduce(0) { $0 + Moments($1.tokens).mean } / others
        return group.map {
            .init(
                outcome: $0.outcome * scale - outcome,
                tokens: $0.tokens.map { $0 * scale - token }
            )
        }
    }

    func rewards(outcome: Double, tokenRewards: [Double], count: Int) -> [Double] {
        var result = tokenRewards.map { max(-clip, min(clip, coefficient * $0)) }
        result[count - 1] += outcomeCoefficient * outcome
        return result
    }
}
