import Domain

/// DPO on log-ratios per token, so that long completions weigh no more than short ones.
struct LengthNormalizedDPO: PairObjective {
    static let name = "ln_dpo"
    static let aliases = ["sigmoid_norm"]
    static let summary = "DPO on per-token log-ratios, which takes length out of the margin."
    static let source =
        "Meng et al. 2024 (SimPO) and Lambert et al. 2024 (Tülu 3), arXiv "
        + "2411.15124"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 5.0,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = try pair.chosen.averageLogRatio - pair.rejected.averageLogRatio
        return softplus(-(beta * margin))
    }
}
