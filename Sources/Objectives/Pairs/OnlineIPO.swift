import Domain

/// IPO on the policy's own samples: the margin is regressed to the preference of the two.
struct OnlineIPO: PairObjective {
    static let name = "online_ipo"
    static let summary =
        "Regresses the log-ratio margin to how much the first sample is preferred to the second."
    static let source =
        "Calandriello et al. 2024, arXiv 2403.08635; Zhou et al. 2025 (EGPO), arXiv 2503.08942"
    static let requirements = DataRequirements(
        .pairs,
        [.referenceLogprobs, .preferenceProbability]
    )
    static let traits: Set<ObjectiveTrait> = [.marginOnly, .referenceShift]
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.1,
            "How strongly the policy is held to the reference; preferences are divided by it."
        ),
        ParameterDescription(
            "variant",
            .choice(["self_play", "omd"]),
            default: "self_play",
            "Whether the target is the preference of the two (self_play), or the difference of both "
                + "sides' win rates against fresh samples (omd)."
        ),
        ParameterDescription(
            "length_average",
            .bool,
            default: false,
            "Whether log-ratios are per token (EGPO's trainer of language models) or summed."
        ),
    ]

    let beta: Double
    private let isSelfPlay: Bool
    private let lengthAverage: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        isSelfPlay = parameters.string("variant") == "self_play"
        lengthAverage = parameters.bool("length_average")
    }

    var requirements: DataRequirements {
        DataRequirements(
            .pairs,
            [.referenceLogprobs, isSelfPlay ? .preferenceProbability : .winRate]
        )
    }

    func loss(_ pair: PairView) throws(HoneError) -> Dual {
        let margin =
            lengthAverage
            ? try pair.chosen.averageLogRatio - pair.rejected.averageLogRatio
            : try pair.logRatioMargin
        return (margin - (try preference(pair)) / beta).squared
    }

    private func preference(_ pair: PairView) throws(HoneError) -> Double {
        if isSelfPlay { return try pair.preferenceProbability - 0.5 }
        return try pair.chosen.scalar(.winRate) - pair.rejected.scalar(.winRate)
    }
}
