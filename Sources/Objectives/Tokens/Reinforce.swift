import Domain

/// The plain policy gradient.
struct Reinforce: TokenObjective {
    static let name = "reinforce"
    static let summary = "Log-probability times advantage: the plain policy gradient."
    static let source = "Williams 1992; RLOO: Ahmadian et al. 2024, arXiv 2402.14740"
    static let requirements = DataRequirements(.sequences, [.advantages])
    static let defaultAdvantage = "leave_one_out"
    static let parameters = [
        ParameterDescription(
            "aggregation",
            .choice(LossAggregation.names),
            default: "token_mean",
            "How the losses of tokens become the loss of a batch."
        )
    ]

    let aggregation: LossAggregation

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(name: parameters.string("aggregation")) ?? .tokenMean
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        -(try token.advantage) * token.logprob
    }
}
