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
        )
    ]

    let label: String
    var source: RewardSource { .model(label) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        label = parameters.string("model")
        if label.isEmpty {
            throw Faults([Fault(path: "\(path).model", message: "must not be empty")])
        }
    }
}
