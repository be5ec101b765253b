import Domain

/// Contrastive preference optimisation: DPO under a uniform reference, plus likelihood of the chosen.
struct CPO: PairObjective {
    static let name = "cpo"
    static let summary =
        "Summed likelihood margin plus likelihood of the chosen, without a "
        + "reference."
    static let source = "Xu et al. 2024, arXiv 2401.08417"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "The scale of the likelihood margin."
        ),
        ParameterDescription(
            "sft_coefficient",
            .number(.nonNegative),
            default: 1.0,
            "The weight of the chosen completion's negative log-likelihood."
        ),
    ]

    let beta: Double
    private let sftCoefficient: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        sftCoefficient = parameters.number("sft_coefficient")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = beta * (pair.chosen.logprob - pair.rejected.logprob)
        return softplus(-margin) - sftCoefficient * pair.chosen.logprob
    }
}
