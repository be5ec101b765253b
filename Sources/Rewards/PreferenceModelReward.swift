import Domain

/// The win rate of a completion by a model of pairs.
struct PreferenceModelReward: SourcedReward {
    static let name = "preference_model"
    static let summary =
        "How often a preference model prefers a completion to the others of its group."
    static let parameters = [
        ParameterDescription(
            "model",
            .string,
            default: nil,
            "The name of a reward model that compares: one with a preference or a pair head."
        )
    ]

    let label: String
    var source: RewardSource { .preferenceModel(label) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        label = parameters.string("model")
        if label.isEmpty {
            throw Faults([Fault(path: "\(path).model", message: "must not be empty")])
        }
    }
}
