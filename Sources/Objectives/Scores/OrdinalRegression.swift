import Domain

/// Ratings in steps: how far apart the steps are is not taken from the numbers they are called by.
struct OrdinalRegression: SequenceObjective {
    static let name = "ordinal_regression"
    static let summary = "Trains a reward model's scores to order ratings in steps, such as stars."
    static let source =
        "McCullagh 1980, \"Regression models for ordinal data\", equation 2.4 (cumulative logits)"
    static var trend: MetricTrend { .falls("reward_model/loss") }
    static let requirements = DataRequirements(.sequences, [.score, .reward])
    static let parameters = [
        ParameterDescription("lowest", .integer(-1000...1000), default: 1, "The lowest rating."),
        ParameterDescription(
            "steps",
            .integer(2...1000),
            default: 5,
            "How many ratings there are."
        ),
        ParameterDescription(
            "spacing",
            .number(.positive),
            default: 1.5,
            "The distance of neighbouring thresholds, in units of the score; they lie around 0."
        ),
    ]

    private let lowest: Int
    private let steps: Int
    private let spacing: Double

    init(_ parameters: ParameterValues) {
        lowest = parameters.integer("lowest")
        steps = parameters.integer("steps")
        spacing = parameters.number("spacing")
    }

    func loss(_ sequence: SequenceView) throws(HoneError) -> Dual {
        let score = try sequence.score
        let rating = try sequence.scalar(.reward)
        let step = min(Double(steps - 1), max(0, rating.rounded() - Double(lowest)))
        // Below the first threshold, above the last one, or between two: log (σ(b) - σ(a)) with
        // b = θ_c - s above a = θ_(c-1) - s is log σ(b) + log σ(-a) + log (1 - e^(a-b)).
        let isFirst = step == 0
        let isLast = step == Double(steps - 1)
        let upper = threshold(step) - score
        let lower = threshold(step - 1) - score
        if isFirst { return softplus(-upper) }
        if isLast { return softplus(lower) }
        return softplus(-upper) + softplus(lower) - logOneMinusExp(Dual(-spacing))
    }

    func measures(_ sequence: SequenceView) throws(HoneError) -> [(String, Double)] {
        [("reward/mean", try sequence.score.value)]
    }

    /// That between a step and the next, counted from 0; half of them are below 0.
    private func threshold(_ step: Double) -> Double {
        spacing * (step - Double(steps - 2) / 2)
    }
}
