public import Domain

/// Where a reward comes from that is not computed from text alone.
///
/// The scheduler asks for each in batches, with deadlines; what fails is unscored with its reason.
public enum RewardSource: Sendable, Hashable {
    /// The scores of a reward model.
    case model(String)
    /// The scores of an ensemble's members, made one by a rule other than their mean.
    case ensemble(String, EnsembleRule)
    /// The comparisons of a preference model.
    case preferenceModel(String)
    /// The log-ratios of two language models.
    case implicit(LogRatio)
    /// The verdicts of a language model.
    case judge(Judge)
    /// The grades that a language model writes.
    case scoreModel(ScoreModelGrader)
    /// The labels that a language model chooses.
    case labelModel(LabelModelGrader)
    /// A function in Python.
    case python(PythonGrader)
    /// A service on the network.
    case remote(RemoteService)
}

extension RewardSource {
    /// A model that a worker has to open.
    public enum ModelNeed: Sendable, Hashable {
        /// A reward model by name.
        case reward(String)
        /// A language model by name.
        case language(String)
        /// A language model by name beside its reference; `nil`: the one that it was trained from.
        case compared(String, reference: String?)
        /// The run's own policy as it is.
        case policy

        /// The names that are asked for.
        public var names: [String] {
            switch self {
            case .reward(let name), .language(let name): [name]
            case .compared(let name, let reference): [name] + [reference].compactMap(\.self)
            case .policy: []
            }
        }
    }

    /// The model that is asked, where one is.
    public var model: ModelNeed? {
        switch self {
        case .model(let name), .ensemble(let name, _), .preferenceModel(let name): .reward(name)
        case .implicit(let ratio): .compared(ratio.model, reference: ratio.reference)
        case .judge(let judge): judge.model
        case .scoreModel(let grader): grader.model
        case .labelModel(let grader): grader.model
        case .python, .remote: nil
        }
    }

    /// Whether it compares the completions of a group and scores none alone.
    public var compares: Bool {
        switch self {
        case .preferenceModel: true
        case .judge(let judge): judge.mode == .pairwise
        case .model, .ensemble, .implicit, .scoreModel, .labelModel, .python, .remote: false
        }
    }

    /// Whether it rewards every token of a completion.
    public var rewardsTokens: Bool {
        if case .implicit = self { true } else { false }
    }
}

/// A reward that is computed elsewhere: by a worker, another process, another machine.
public protocol SourcedReward: RewardEntry {
    /// Takes validated parameters; throws faults in how they go together.
    init(_ parameters: ParameterValues, path: String) throws(Faults)
    /// What it is called among the components.
    var label: String { get }
    /// Where its numbers come from.
    var source: RewardSource { get }
}
