import Domain

/// Noise contrastive alignment on pairs: absolute rewards, so that the chosen likelihood does not fall.
struct NCA: PairObjective {
    static let name = "nca"
    static let aliases = ["nca_pair"]
    static let summary =
        "Contrastive loss on absolute implicit rewards; keeps the chosen "
        + "likelihood up."
    static let source = "Chen et al. 2024, arXiv 2402.05369"
    static let requirements = DataRequirements(.pairs, [.referenceLogprobs])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.01,
            "How strongly the policy is held to the reference."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    var lossAtReference: Double? { 2 * softplus(0.0) }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let chosen = beta * (try pair.chosen.logRatio)
        let rejected = beta * (try pair.rejected.logRatio)
        return softplus(-chosen) + 0.5 * softplus(chosen) + 0.5 * softplus(rejected)
    }
}
