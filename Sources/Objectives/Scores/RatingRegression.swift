import Domain

/// Ratings of single texts: the score is the rating, or the log-odds of it on its scale.
struct RatingRegression: SequenceObjective {
    static let name = "rating_regression"
    static let summary = "Trains a reward model's scores to be people's ratings."
    static let source =
        "Squared error: HelpSteer2, Wang et al. 2024, arXiv 2406.08673, section 4; cross-entropy on a "
        + "scale from 0 to 1: the logistic likelihood of a graded answer"
    static var trend: MetricTrend { .falls("reward_model/loss") }
    static let requirements = DataRequirements(.sequences, [.score, .reward])
    static let parameters = [
        ParameterDescription(
            "loss",
            .choice(["squared", "cross_entropy"]),
            default: "squared",
            "The squared difference of score and rating, or the cross-entropy of the rating's place "
                + "on its scale under the score's logistic function."
        ),
        ParameterDescription("lowest", .number(.any), default: 0, "The lowest rating."),
        ParameterDescription(
            "range",
            .number(.positive),
            default: 1,
            "The highest rating less the lowest."
        ),
    ]

    private let isSquared: Bool
    private let lowest: Double
    private let range: Double

    init(_ parameters: ParameterValues) {
        isSquared = parameters.string("loss") == "squared"
        lowest = parameters.number("lowest")
        range = parameters.number("range")
    }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let (score, rating) = (try sequence.score, try sequence.scalar(.reward))
        if isSquared { return (score - rating).squared }
        let place = min(1, max(0, (rating - lowest) / range))
        return softplus(score) - place * score
    }

    func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)] {
        [("reward/mean", try sequence.score.value)]
    }
}
