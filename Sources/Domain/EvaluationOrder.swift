/// An evaluation that is asked for: what is measured, on what, by which rewards.
///
/// With models and prompts, models are measured; with pairs, rewards; with two rewards, how far they
/// agree on the same texts.
public struct EvaluationOrder: Sendable, Hashable, Codable {
    /// The most models that one evaluation compares: a and b.
    public static let mostModels = 2

    /// Names of models, RUN@ITERATION for checkpoints; the second is compared with the first.
    public var models: [String]
    /// The model that the KL is measured to; `nil`: the one that each was trained from.
    public var reference: String?
    /// What the models complete.
    public var prompts: DataSource?
    /// Pairs whose better side is known, for the rewards.
    public var pairs: DataSource?
    /// Completions to score as they are.
    public var items: DataSource?
    /// Rewards as written: `{"name": …}`.
    public var rewards: [Value]
    /// Completions of each prompt.
    public var groupSize: Int
    /// How completions are drawn.
    public var sampling: SamplingParameters
    /// Seeds the draws and the bootstraps.
    public var seed: UInt64
    /// Completions that are shown.
    public var shownSamples: Int

    /// An evaluation of nothing yet; the fields say what.
    public init(
        models: [String] = [],
        reference: String? = nil,
        prompts: DataSource? = nil,
        pairs: DataSource? = nil,
        items: DataSource? = nil,
        rewards: [Value] = [],
        groupSize: Int = 1,
        sampling: SamplingParameters = SamplingParameters(),
        seed: UInt64 = 0,
        shownSamples: Int = 3
    ) {
        self.models = models
        self.reference = reference
        self.prompts = prompts
        self.pairs = pairs
        self.items = items
        self.rewards = rewards
        self.groupSize = groupSize
        self.sampling = sampling
        self.seed = seed
        self.shownSamples = shownSamples
    }
}
