/// The stages between an online run's rewards and its advantages, as their owner asked for them.
///
/// `nil` leaves a stage as the objective's method has it; an empty list turns it off.
public struct StageSpec: Sendable, Hashable, Codable {
    /// Reward transforms, in their order.
    public var rewards: [NamedParameters]?
    /// The KL as part of the reward.
    public var rewardKL: RewardKLSpec?
    /// How a completion's reward is laid on its tokens.
    public var credit: NamedParameters?
    /// Whether the rewards of tokens are standardised over the iteration, their mean kept.
    public var whitenRewards: Bool?
    /// What keeps completions from being learned from, in order.
    public var filters: [NamedParameters]?
    /// How advantages are standardised over the iteration.
    public var whiten: Whitening?
    /// The largest size of an advantage, after whitening.
    public var advantageClip: Double?
    /// What adapts a coefficient from iteration to iteration.
    public var controllers: [NamedParameters]?

    /// All as the objective's method has it; the rest is set by name.
    public init() {}
}

/// The KL to the reference as part of the reward.
public struct RewardKLSpec: Sendable, Hashable, Codable {
    /// The weight of the penalty; 0 turns it off.
    public var coefficient: Double
    /// How the KL is estimated from one token's log-ratio.
    public var estimator: KLEstimator

    /// A penalty by `k1` unless said.
    public init(coefficient: Double, estimator: KLEstimator = .k1) {
        self.coefficient = coefficient
        self.estimator = estimator
    }
}

/// Estimators of KL(policy ‖ reference) from one token's log-ratio `d = l - r` (Schulman 2020).
public enum KLEstimator: String, Sendable, Hashable, Codable, CaseIterable {
    /// `d`: unbiased, may be negative; its gradient vanishes in expectation.
    case k1
    /// `d² / 2`: biased; its gradient is the KL's in expectation.
    case k2
    /// `exp(-d) - 1 + d`: unbiased and never negative.
    case k3
    /// `|d|`: biased; counts drifting either way.
    case abs
}

/// How advantages are standardised over all trained tokens of an iteration.
public enum Whitening: String, Sendable, Hashable, Codable, CaseIterable {
    /// Left as they are.
    case none
    /// Less the mean, over the deviation.
    case batch
    /// Over the deviation, with the mean put back (TRL's `shift_mean=False`).
    case scale
}
