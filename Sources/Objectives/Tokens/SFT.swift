import Domain

/// Supervised fine-tuning: the likelihood of given completions.
struct SFT: TokenObjective {
    static let name = "sft"
    static let aliases = ["supervised", "nll"]
    static let summary = "Raises the likelihood of the completions it is given."
    static let source =
        "Maximum likelihood; token mean as in Ouyang et al. 2022, arXiv 2203.02155"
    static let requirements = DataRequirements(.sequences)
    static let parameters = LossAggregation.parameters(.tokenMean)

    let aggregation: LossAggregation

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual { -token.logprob }
}
