import Domain

/// Simple preference optimisation: per-token likelihoods, no reference, a target margin.
struct SimPO: PairObjective {
    static let name = "simpo"
    static let summary = "Per-token likelihood margin above a target, without a reference."
    static let source = "Meng et al. 2024, arXiv 2405.14734, equation 6"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 2.0,
            "The scale of the per-token likelihood margin."
        ),
        ParameterDescription(
            "gamma",
            .number(.nonNegative),
            default: 1.0,
            "The target margin, in units of the scaled margin."
        ),
    ]

    let beta: Double
    private let gamma: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        gamma = parameters.number("gamma")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = pair.chosen.averageLogprob - pair.rejected.averageLogprob
        return softplus(gamma - beta * margin)
    }
}
