import Domain

/// Contrastive preference learning: the likelihood of a completion is its advantage.
struct CPL: PairObjective {
    static let name = "cpl"
    static let summary =
        "Contrasts likelihoods as advantages, biased against the rejected side; "
        + "no reference."
    static let source = "Hejna et al. 2023, arXiv 2310.13639"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "alpha",
            .number(.positive),
            default: 0.1,
            "What a nat of log-probability is worth as advantage."
        ),
        ParameterDescription(
            "lambda",
            .number(NumericRange(0, 1, includesLower: false)),
            default: 0.5,
            "The contrastive bias: how much of the rejected side counts."
        ),
    ]

    private let alpha: Double
    private let lambda: Double

    init(_ parameters: ParameterValues) {
        alpha = parameters.number("alpha")
        lambda = parameters.number("lambda")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let rejected = lambda * pair.rejected.logprob
        return softplus(alpha * (rejected - pair.chosen.logprob))
    }
}
