import Domain

/// Supervised fine-tuning: the likelihood of given completions.
struct SFT: TokenObjective {
    static let name = "sft"
    static let aliases = ["supervised", "nll"]
    static let summary = "Raises the likelihood of the completions it is given."
    static let source =
        "Maximum likelihood; token mean as in Ouyang et al. 2022, arXiv 2203.02155"
    static let requirements = DataRequirements(.sequences)
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

    func loss(_ token: TokenView) throws(HoneError) -> Dual { -token.logprob }
}
