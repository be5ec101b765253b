import Domain

/// A reward model's score; a worker computes it, so that here it is only a name.
struct ModelReward: SourcedReward {
    static let name = "model"
    static let summary = "The score of a reward model, computed by a worker."
    static let parameters = [
        ParameterDescription(
            "model",
            .string,
            default: nil,
            "The name of an imported or trained reward model, or RUN@ITERATION for a checkpoint."
        ),
        ParameterDescription(
            "rule",
            .choice(["mean", "worst_case", "uncertainty_weighted"]),
            default: "mean",
            "How an ensemble's members make one score: their mean, the lowest, or the mean less "
                + "coefficient times their variance."
        ),
        ParameterDescription(
            "coefficient",
            .number(.nonNegative),
            default: 1,
            "What the variance is multiplied by under uncertainty_weighted."
        ),
    ]

    let label: String
    private let rule: EnsembleRule
    var source: RewardSource { rule == .mean ? .model(label) : .ensemble(label, rule) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        label = parameters.string("model")
        rule =
            switch parameters.string("rule") {
            case "worst_case": .worstCase
            case "uncertainty_weighted":
                .uncertaintyWeighted(parameters.number("coefficient"))
            default: .mean
            }
        if label.isEmpty {
            throw Faults([Fault(path: "\(path).model", message: "must not be empty")])
        }
    }
}
