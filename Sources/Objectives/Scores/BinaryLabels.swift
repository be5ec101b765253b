import Domain

/// Thumbs up and down: the score is the log-odds of a thumb up.
struct BinaryLabels: SequenceObjective {
    static let name = "binary_labels"
    static let summary = "Trains a reward model's scores to tell good texts from bad ones."
    static let source =
        "Logistic regression; for outcome rewards Cobbe et al. 2021, arXiv 2110.14168"
    static var trend: MetricTrend { .rises("preference/accuracy") }
    static let requirements = DataRequirements(.sequences, [.score, .label])
    static let parameters = [
        ParameterDescription(
            "label_smoothing",
            .number(NumericRange(0, 0.5, includesUpper: false)),
            default: 0,
            "The share of labels assumed to be wrong."
        ),
        ParameterDescription(
            "desirable_weight",
            .number(.nonNegative),
            default: 1,
            "The weight of good texts."
        ),
        ParameterDescription(
            "undesirable_weight",
            .number(.nonNegative),
            default: 1,
            "The weight of bad texts."
        ),
    ]

    private let labelSmoothing: Double
    private let desirableWeight: Double
    private let undesirableWeight: Double

    init(_ parameters: ParameterValues) {
        labelSmoothing = parameters.number("label_smoothing")
        desirableWeight = parameters.number("desirable_weight")
        undesirableWeight = parameters.number("undesirable_weight")
    }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let (score, isGood) = (try sequence.score, try sequence.label)
        return isGood
            ? desirableWeight * smoothedLogistic(score, labelSmoothing)
            : undesirableWeight * smoothedLogistic(-score, labelSmoothing)
    }

    func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)] {
        let (score, isGood) = (try sequence.score.value, try sequence.label)
        let right = score == 0 ? 0.5 : (score > 0) == isGood ? 1 : 0
        return [("reward/mean", score), ("preference/accuracy", right)]
    }
}
