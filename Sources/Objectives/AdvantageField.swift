/// What an advantage estimator's batch has; raw values are the JSON names.
public enum AdvantageField: String, Sendable, Hashable, CaseIterable {
    case rewards
    case values
    case mask
    case lengths
    case baseline

    /// One sentence in plain words.
    public var meaning: String {
        switch self {
        case .rewards: "One for each token of a sequence, or for each completion of a group."
        case .values: "The value head's estimate at each token."
        case .mask: "0 for tokens that the policy did not write."
        case .lengths: "The number of tokens of each completion."
        case .baseline: "One reward to compare with: the greedy completion's, or the group's mean."
        }
    }
}
