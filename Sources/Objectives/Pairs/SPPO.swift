import Domain

/// Self-play preference optimisation: log-ratios regressed to the completions' win rates.
struct SPPO: PairObjective {
    static let name = "sppo"
    static let summary =
        "Regresses each side's log-ratio to its win rate against the policy's "
        + "own samples."
    static let source = "Wu et al. 2024, arXiv 2405.00675"
    static let requirements = DataRequirements(.pairs, [.oldLogprobs, .winRate])
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.001,
            "The inverse of the paper's eta, which multiplies the win rate."
        )
    ]

    let beta: Double

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        (try residual(pair.chosen)).squared / 2 + (try residual(pair.rejected)).squared / 2
    }

    private func residual(_ side: SequenceView) throws(HoneError) -> Dual {
        (try side.oldLogRatio) - ((try side.scalar(.winRate)) - 0.5) / beta
    }
}
