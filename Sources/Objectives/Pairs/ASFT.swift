import Domain

/// Aligned supervised fine-tuning: absolute odds of each side, which never interact.
struct ASFT: PairObjective {
    static let name = "asft"
    static let summary = "Supervised loss plus absolute odds of both sides; no reference."
    static let source =
        "Gorbatovski et al. 2025, arXiv 2502.01237; Wang et al. 2024, arXiv "
        + "2409.10571"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "lambda",
            .number(.nonNegative),
            default: 1.0,
            "The weight of the alignment terms."
        )
    ]

    private let lambda: Double

    init(_ parameters: ParameterValues) {
        lambda = parameters.number("lambda")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let alignment = softplus(-logOdds(pair.chosen)) + softplus(logOdds(pair.rejected))
        return lambda * alignment - pair.chosen.averageLogprob
    }
}
