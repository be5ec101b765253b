/// What a batch may carry beside the policy's log-probabilities; raw values are the JSON names, the
/// same in `hone objective`, in data files, in `POST /v1/updates` and between processes.
public enum BatchField: String, Sendable, Hashable, CaseIterable {
    // Per completion token, constants.
    case referenceLogprobs = "reference_logprobs"
    case oldLogprobs = "old_logprobs"
    case behaviorLogprobs = "behavior_logprobs"
    case oldValues = "old_values"
    case returns
    case advantages
    case teacherDistances = "teacher_distances"
    // Per completion token, with gradient.
    case values
    case entropies
    case reverseKL = "reverse_kl"
    case forwardKL = "forward_kl"
    case collisions
    case teacherKL = "teacher_kl"
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
    case gold

    /// What one number of a field belongs to; raw values are the JSON names.
    public enum Place: String, Sendable, Hashable {
        case token
        case sequence
        case pair
        /// A third completion of each pair.
        case completion
    }

    /// What one number of the field belongs to.
    public var place: Place {
        switch self {
        case .referenceLogprobs, .oldLogprobs, .behaviorLogprobs, .oldValues, .returns,
            .advantages, .teacherDistances, .values, .entropies, .reverseKL, .forwardKL,
            .collisions, .teacherKL:
            .token
        case .label, .reward, .score, .winRate, .marginReward, .stateValue, .mismatchedLogRatio:
            .sequence
        case .margin, .preferenceProbability: .pair
        case .exploration, .gold: .completion
        }
    }

    /// One sentence in plain words.
    public var meaning: String {
        switch self {
        case .referenceLogprobs: "The frozen reference's log-probability of each token."
        case .oldLogprobs: "That of the policy at the start of the update or of the iteration."
        case .behaviorLogprobs: "That of what the token was drawn from."
        case .oldValues: "The value head's estimate when the completion was sampled."
        case .returns: "What the value head should estimate."
        case .advantages: "How much better than expected each token was."
        case .teacherDistances: "How far teacher and contrast are apart: the sum of |p - q|."
        case .values: "The value head's estimate."
        case .entropies: "The entropy of the policy's distribution, nat."
        case .reverseKL: "The exact KL of the policy from the reference, nat."
        case .forwardKL: "The exact KL of the reference from the policy, nat."
        case .collisions: "The sum of the policy's squared probabilities."
        case .teacherKL: "The exact KL of the policy from the teacher, nat."
        case .label: "Whether the completion is desirable."
        case .reward: "The completion's reward; null is unscored, which is not 0."
        case .score: "The reward model's output."
        case .winRate: "The probability of being preferred to another completion of the policy."
        case .marginReward: "The reward of the objectives that the preferences are not about."
        case .stateValue: "The expected reward of the prompt, or of the state that is led to."
        case .mismatchedLogRatio: "The log-ratio under another prompt of the batch."
        case .margin: "By how much the chosen one is better, in units of the reward."
        case .preferenceProbability: "The probability that the chosen one is truly preferred."
        case .exploration: "A completion whose likelihood steers exploration."
        case .gold: "A demonstration, better than both."
        }
    }

    /// The fields with one number for each completion token.
    public static let perToken = allCases.filter { $0.place == .token }

    /// The fields with one number for each sequence; `label` is true or false.
    public static let perSequence = allCases.filter { $0.place == .sequence && $0 != .label }

    /// Numbers of the policy itself: a loss has a derivative by them.
    public static let differentiable: [BatchField] = [
        .values, .entropies, .reverseKL, .forwardKL, .collisions, .teacherKL, .score,
    ]

    /// Numbers of whole distributions over the vocabulary, which the output head computes.
    public static let distributional: [BatchField] = [
        .entropies, .reverseKL, .forwardKL, .collisions, .teacherKL, .teacherDistances,
    ]
}
