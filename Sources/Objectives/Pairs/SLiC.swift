import Domain

/// Sequence likelihood calibration: a hinge on likelihoods plus likelihood of the chosen.
struct SLiC: PairObjective {
    static let name = "slic"
    static let summary =
        "Hinge on the likelihood margin plus likelihood of the chosen; no "
        + "reference."
    static let source = "Zhao et al. 2023, arXiv 2305.10425"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "delta",
            .number(.nonNegative),
            default: 1.0,
            "The margin at which a pair is satisfied, in nats."
        ),
        ParameterDescription(
            "lambda",
            .number(.nonNegative),
            default: 0.1,
            "The weight of the regularising likelihood."
        ),
    ]

    private let delta: Double
    private let lambda: Double

    init(_ parameters: ParameterValues) {
        delta = parameters.number("delta")
        lambda = parameters.number("lambda")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin = pair.chosen.logprob - pair.rejected.logprob
        return positivePart(delta - margin) - lambda * pair.chosen.logprob
    }
}
