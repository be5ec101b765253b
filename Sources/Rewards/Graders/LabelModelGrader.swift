public import Domain

/// A model that chooses a label.
public struct LabelModelGrader: SourcedReward, Hashable {
    /// Its `type`.
    public static let name = "label_model"
    /// What it is.
    public static let summary = "1 when the label that a language model holds most probable passes."
    /// Its fields.
    public static let parameters =
        RewardSource.ModelNeed.parameters(asks: "label") + [
            ParameterDescription("labels", .nested, default: nil, "At least two texts."),
            ParameterDescription(
                "passing_labels",
                .nested,
                default: nil,
                "Those of them that give 1."
            ),
        ]

    /// Who labels.
    public let model: RewardSource.ModelNeed
    /// What it is asked.
    public let conversation: GraderConversation
    /// What it may choose of.
    public let labels: [String]
    private let passing: Set<String>

    /// What it is called unless the grader has a name.
    public var label: String { Self.name }
    /// Itself.
    public var source: RewardSource { .labelModel(self) }

    /// Reads a grader's object; throws all its faults.
    public init(_ parameters: ParameterValues, path: String) throws(Faults) {
        conversation = try GraderConversation(parameters.values["input"], path: "\(path).input")
        model = try RewardSource.ModelNeed.language(parameters, path)
        labels = Self.texts(parameters.values["labels"])
        passing = Set(Self.texts(parameters.values["passing_labels"]))
        var faults: [Fault] = []
        if labels.count < 2 || labels.count > 64 || Set(labels).count != labels.count {
            let message = "must be a list of 2 to 64 different texts"
            faults.append(Fault(path: "\(path).labels", message: message))
        }
        if passing.isEmpty || !passing.isSubset(of: labels) {
            let message = "must be a list of at least one of the labels"
            faults.append(Fault(path: "\(path).passing_labels", message: message))
        }
        if !faults.isEmpty { throw Faults(faults) }
    }

    /// A list of texts; nothing when it is anything else.
    private static func texts(_ value: Value?) -> [String] {
        let list = value?.arrayValue ?? []
        let texts = list.compactMap(\.stringValue)
        return texts.count == list.count && !texts.contains("") ? texts : []
    }

    /// 1 when the most probable label passes; of equals the first.
    public func grade(_ logprobs: [Double]) -> RewardScore {
        guard logprobs.count == labels.count, let best = logprobs.max() else {
            return RewardScore(unscored: "the model gave no probability of a label")
        }
        let chosen = zip(labels, logprobs).first { $0.1 == best }?.0 ?? ""
        return RewardScore(passing.contains(chosen) ? 1 : 0)
    }
}
