import Domain

/// Odds-ratio preference optimisation: supervised fine-tuning with a penalty in the same stage.
struct ORPO: PairObjective {
    static let name = "orpo"
    static let summary =
        "Supervised loss plus the log odds ratio of chosen to rejected; no "
        + "reference."
    static let source = "Hong et al. 2024, arXiv 2403.07691, equation 6"
    static let requirements = DataRequirements(.pairs)
    static let parameters = [
        ParameterDescription(
            "lambda",
            .number(.nonNegative),
            default: 0.1,
            "The weight of the odds-ratio term."
        )
    ]

    private let lambda: Double

    init(_ parameters: ParameterValues) {
        lambda = parameters.number("lambda")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let odds = logOdds(pair.chosen) - logOdds(pair.rejected)
        return lambda * softplus(-odds) - pair.chosen.averageLogprob
    }
}

/// The log odds of a sequence's per-token probability, `A - log(1 - exp A)`.
///
/// Certainty has infinite odds: the average is held just below 0.
func logOdds(_ sequence: SequenceView) -> Dual {
    let average = sequence.averageLogprob.clamped(to: -Double.infinity...(-1e-6))
    return average - logOneMinusExp(average)
}
