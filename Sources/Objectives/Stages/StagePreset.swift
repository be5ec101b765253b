public import Domain

/// What a named method sets of an online run's stages before the loss; a spec's `stages` and
/// `advantage` override them one by one.
public struct StagePreset: Sendable, Hashable {
    /// How rewards become advantages.
    public var advantage: NamedParameters
    /// What is done to rewards before, in this order.
    public var rewards: [NamedParameters]
    /// The KL to the reference that is taken off the reward; `nil` takes nothing.
    public var rewardKL: RewardKL?
    /// Which tokens the reward is given to.
    public var credit: NamedParameters
    /// What is left out of learning.
    public var filters: [NamedParameters]
    /// How advantages are normalised over the iteration.
    public var whiten: Whitening
    /// The largest size of an advantage; `nil` sets no limit.
    public var advantageClip: Double?
    /// What adapts coefficients from iteration to iteration.
    public var controllers: [NamedParameters]

    /// A penalty in the reward.
    public struct RewardKL: Sendable, Hashable {
        /// What the KL is multiplied by.
        public var coefficient: Double
        /// How it is estimated from a token's log-ratio.
        public var estimator: KLEstimator

        /// A penalty of this size.
        public init(coefficient: Double, estimator: KLEstimator = .k1) {
            self.coefficient = coefficient
            self.estimator = estimator
        }
    }

    /// Normalisation over all tokens of an iteration; raw values are the JSON names.
    public enum Whitening: String, Sendable, Hashable, CaseIterable {
        /// Advantages stay as they are.
        case none
        /// Mean 0 and deviation 1.
        case batch
        /// Deviation 1; the mean stays.
        case scale
    }

    /// GRPO's advantages and nothing else, unless said.
    public init(
        advantage: String = "group_relative",
        _ parameters: [String: Value] = [:],
        rewards: [NamedParameters] = [],
        rewardKL: RewardKL? = nil,
        credit: String = "terminal",
        filters: [NamedParameters] = [],
        whiten: Whitening = .none,
        advantageClip: Double? = nil,
        controllers: [NamedParameters] = []
    ) {
        self.advantage = NamedParameters(name: advantage, parameters: .object(parameters))
        self.rewards = rewards
        self.rewardKL = rewardKL
        self.credit = NamedParameters(name: credit)
        self.filters = filters
        self.whiten = whiten
        self.advantageClip = advantageClip
        self.controllers = controllers
    }
}
