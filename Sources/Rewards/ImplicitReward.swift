import Domain

/// The reward that a trained language model is in itself, of every token.
struct ImplicitReward: SourcedReward {
    static let name = "implicit"
    static let summary =
        "Beta times a language model's log-ratio to its reference, of every token and in sum."
    static let parameters = [
        ParameterDescription(
            "model",
            .string,
            default: nil,
            "The name of a language model trained by implicit_prm, dpo or another objective of log-ratios."
        ),
        ParameterDescription(
            "reference",
            .string,
            default: .null,
            "The name of the language model that it is compared with; by default the one that the run "
                + "which made it started from."
        ),
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.05,
            "What log-ratios are multiplied by: the beta of the training."
        ),
    ]

    private let ratio: LogRatio
    var label: String { ratio.model }
    var source: RewardSource { .implicit(ratio) }

    init(_ parameters: ParameterValues, path: String) throws(Faults) {
        let reference = parameters.values["reference"]?.stringValue
        ratio = LogRatio(
            model: parameters.string("model"),
            reference: reference,
            beta: parameters.number("beta")
        )
        var faults: [Fault] = []
        for (field, name) in [("model", ratio.model), ("reference", reference)] where name == "" {
            faults.append(Fault(path: "\(path).\(field)", message: "must not be empty"))
        }
        if !faults.isEmpty { throw Faults(faults) }
    }
}
