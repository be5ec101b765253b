import Domain

/// Supervised fine-tuning: the likelihood of given completions, perhaps held to the reference.
struct SFT: TokenObjective {
    static let name = "sft"
    static let aliases = ["supervised", "nll"]
    static let summary = "Raises the likelihood of the completions it is given."
    static let source =
        "Maximum likelihood; token mean as in Ouyang et al. 2022, arXiv 2203.02155"
    static let requirements = DataRequirements(.sequences)
    static let parameters =
        [
            ParameterDescription(
                "kl_coefficient",
                .number(.nonNegative),
                default: 0,
                "The weight of the exact divergence of every token's distribution from the "
                    + "reference's (SuperHF)."
            ),
            ParameterDescription(
                "kl_direction",
                .choice(["forward", "reverse"]),
                default: "forward",
                "KL of the reference from the policy (forward), or of the policy from the reference."
            ),
        ] + LossAggregation.parameters(.tokenMean)

    let aggregation: LossAggregation
    private let klCoefficient: Double
    private let divergence: BatchField

    init(_ parameters: ParameterValues) {
        aggregation = LossAggregation(parameters)
        klCoefficient = parameters.number("kl_coefficient")
        divergence = parameters.string("kl_direction") == "reverse" ? .reverseKL : .forwardKL
    }

    var requirements: DataRequirements {
        DataRequirements(.sequences, klCoefficient > 0 ? [divergence] : [])
    }

    func loss(_ token: TokenView) throws(HoneError) -> Dual {
        guard klCoefficient > 0 else { return -token.logprob }
        return klCoefficient * (try token.variable(divergence)) - token.logprob
    }

    func measures(_ token: TokenView) throws(HoneError) -> [(String, Double)] {
        guard klCoefficient > 0 else { return [] }
        let name = divergence == .reverseKL ? "policy/token_kl" : "policy/forward_kl"
        return [(name, try token.number(divergence))]
    }
}
