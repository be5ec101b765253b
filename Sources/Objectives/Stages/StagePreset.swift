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
    /// Whether the rewards of tokens are standardised over the iteration, their mean kept.
    public var whitensRewards = false
    /// What is left out of learning.
    public var filters: [NamedParameters]
    /// How advantages are normalised over the iteration.
    public var whiten: Whitening
    /// The largest size of an advantage; `nil` sets no limit.
    public var advantageClip: Double?
    /// What adapts coefficients from iteration to iteration.
    public var controllers: [NamedParameters]

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

    /// These stages, but for those that a spec names.
    public func overridden(by spec: StageSpec?) -> StagePreset {
        guard let spec else { return self }
        var result = self
        result.rewards = spec.rewards ?? rewards
        if let kl = spec.rewardKL {
            result.rewardKL =
                kl.coefficient == 0
                ? nil : RewardKL(coefficient: kl.coefficient, estimator: kl.estimator)
        }
        result.credit = spec.credit ?? credit
        result.whitensRewards = spec.whitenRewards ?? whitensRewards
        result.filters = spec.filters ?? filters
        result.whiten = spec.whiten ?? whiten
        result.advantageClip = spec.advantageClip ?? advantageClip
        result.controllers = spec.controllers ?? controllers
        return result
    }
}
