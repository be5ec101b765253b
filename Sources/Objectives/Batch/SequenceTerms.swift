/// All that an objective may know of one sequence: numbers per completion token and a few scalars.
///
/// Every array has one element for each completion token (end of sequence included, prompt left
/// out), in natural-log units where it is a log-probability.
public struct SequenceTerms: Sendable, Hashable {
    /// The policy's log-probability of each token, with gradient.
    public var logprobs: [Double]
    /// Under the frozen reference policy.
    public var referenceLogprobs: [Double]?
    /// Under the policy at the start of the update (PPO) or of the iteration (SPPO, REBEL).
    public var oldLogprobs: [Double]?
    /// As the sampler computed them while sampling.
    public var behaviorLogprobs: [Double]?
    /// The value head's estimate at each token, with gradient.
    public var values: [Double]?
    /// The value head's estimate when the rollout was made.
    public var oldValues: [Double]?
    /// The value head's targets.
    public var returns: [Double]?
    /// How much better than expected each token was.
    public var advantages: [Double]?
    /// The entropy of the policy's distribution at each token, with gradient.
    public var entropies: [Double]?
    /// The weight of each token, 0 for tokens that are not trained; `nil` means 1 everywhere.
    public var mask: [Double]?
    /// A reward model's raw output for the sequence, with gradient.
    public var score: Double?
    /// The shaped reward; `nil` means unscored, which is not 0.
    public var reward: Double?
    /// Whether a person found the sequence desirable.
    public var label: Bool?
    /// The probability of being preferred to a completion drawn from the same policy.
    public var winRate: Double?
    /// The reward of the objectives other than the one the preferences are about (MODPO).
    public var marginReward: Double?
    /// The value of the state the sequence leads to (Step-APO).
    public var stateValue: Double?
    /// Log-ratio to the reference of this completion under another prompt of the batch (KTO).
    public var mismatchedLogRatio: Double?
    /// What the sequence's loss is multiplied by; the totals count it once whatever the weight.
    public var weight: Double = 1

    /// A sequence with nothing but its log-probabilities; the rest is set by name.
    public init(logprobs: [Double]) { self.logprobs = logprobs }

    /// The numbers of a per-token `field`; `nil` for other fields.
    public subscript(tokens field: BatchField) -> [Double]? {
        get {
            switch field {
            case .referenceLogprobs: referenceLogprobs
            case .oldLogprobs: oldLogprobs
            case .behaviorLogprobs: behaviorLogprobs
            case .values: values
            case .oldValues: oldValues
            case .returns: returns
            case .advantages: advantages
            case .entropies: entropies
            default: nil
            }
        }
        set {
            switch field {
            case .referenceLogprobs: referenceLogprobs = newValue
            case .oldLogprobs: oldLogprobs = newValue
            case .behaviorLogprobs: behaviorLogprobs = newValue
            case .values: values = newValue
            case .oldValues: oldValues = newValue
            case .returns: returns = newValue
            case .advantages: advantages = newValue
            case .entropies: entropies = newValue
            default: break
            }
        }
    }

    /// The number of a per-sequence `field`; `nil` for other fields.
    public subscript(scalar field: BatchField) -> Double? {
        get {
            switch field {
            case .reward: reward
            case .score: score
            case .winRate: winRate
            case .marginReward: marginReward
            case .stateValue: stateValue
            case .mismatchedLogRatio: mismatchedLogRatio
            default: nil
            }
        }
        set {
            switch field {
            case .reward: reward = newValue
            case .score: score = newValue
            case .winRate: winRate = newValue
            case .marginReward: marginReward = newValue
            case .stateValue: stateValue = newValue
            case .mismatchedLogRatio: mismatchedLogRatio = newValue
            default: break
            }
        }
    }

    /// The sum of the mask: how many tokens are trained.
    public var trainedTokenCount: Double {
        mask.map { $0.reduce(0, +) } ?? Double(logprobs.count)
    }
}
