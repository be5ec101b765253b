import Domain

/// What a completion without an end token is worth.
struct MissingEndPenalty: RewardTransform {
    static let name = "missing_end"
    static let aliases = ["missing_eos_penalty"]
    static let summary = "Punishes completions that were cut off before their end token."
    static let source =
        "TRL (subtract), lm-human-preferences (replace); Ziegler et al. 2019, "
        + "arXiv 1909.08593"
    static let parameters = [
        ParameterDescription(
            "penalty",
            .number(.nonNegative),
            default: 1,
            "By how much it is punished, in units of the reward."
        ),
        ParameterDescription(
            "mode",
            .choice(["subtract", "replace"]),
            default: "subtract",
            "Whether the reward is lowered by the penalty, or becomes minus the penalty."
        ),
    ]

    private let penalty: Double
    private let replaces: Bool

    init(_ parameters: ParameterValues) {
        penalty = parameters.number("penalty")
        replaces = parameters.string("mode") == "replace"
    }

    func transformed(_ reward: Double, _ place: RewardPlace) -> Double? {
        guard place.isTruncated else { return reward }
        return replaces ? -penalty : reward - penalty
    }
}
