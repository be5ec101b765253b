/// What a batch may carry beside the policy's log-probabilities; raw values are the JSON names.
public enum BatchField: String, Sendable, Hashable, CaseIterable {
    // Per completion token.
    case referenceLogprobs = "reference_logprobs"
    case oldLogprobs = "old_logprobs"
    case behaviorLogprobs = "behavior_logprobs"
    case values
    case oldValues = "old_values"
    case returns
    case advantages
    case entropies
    // Per sequence.
    case label
    case reward
    case score
    case winRate = "win_rate"
    case marginReward = "margin_reward"
    case stateValue = "value"
    case mismatchedLogRatio = "mismatched_log_ratio"
    // Per pair.
    case margin
    case preferenceProbability = "preference_probability"
    case exploration

    /// The fields with one number for each completion token.
    public static let perToken: [BatchField] = [
        .referenceLogprobs, .oldLogprobs, .behaviorLogprobs, .values, .oldValues, .returns,
        .advantages, .entropies,
    ]

    /// The fields with one number for each sequence.
    public static let perSequence: [BatchField] = [
        .reward, .score, .winRate, .marginReward, .stateValue, .mismatchedLogRatio,
    ]
}
