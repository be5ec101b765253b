/// The names of the stages' metrics: a contract, as controllers and charts read them.
public enum StageMetric {
    /// Mean of the transformed rewards.
    public static let rewardMean = "reward/transformed_mean"
    /// Standard deviation of the transformed rewards.
    public static let rewardDeviation = "reward/transformed_std"
    /// Mean over completions of what a KL in the reward took off.
    public static let penalty = "reward/kl_penalty"
    /// Mean advantage of the trained tokens, before whitening.
    public static let advantageMean = "advantage/mean"
    /// Standard deviation of the trained tokens' advantages, before whitening.
    public static let advantageDeviation = "advantage/std"
    /// Share of the trained tokens whose advantage was held at the clip.
    public static let clippedFraction = "advantage/clip_fraction"
    /// Mean KL of whole completions to the reference when they were sampled, nat.
    public static let kl = "rollout/kl"
    /// Mean of -log p over the sampled tokens, nat: an estimate of the policy's entropy.
    public static let entropy = "rollout/entropy"
    /// Completions sampled.
    public static let completions = "rollout/completions"
    /// Mean cost of the completions that have one.
    public static let cost = "rollout/cost"
    /// Groups of which the filters left nothing.
    public static let filteredGroups = "rollout/filtered_groups"
    /// Completions that the filters took.
    public static let filteredCompletions = "rollout/filtered_completions"

    /// Completions that one filter took.
    static func filtered(by name: String) -> String { "rollout/filtered_\(name)" }

    /// What the controller of a target has set for the iteration.
    static func setting(_ target: ControllerTarget) -> String { "stages/\(target.rawValue)" }

    /// Moments of the rewards that reached the transform at `place` of the chain.
    static func moments(_ place: Int, _ part: String) -> String {
        "stages/rewards_\(place)_\(part)"
    }
}

extension Moments {
    /// The moments that an iteration's metrics keep for the transform at `place`.
    init(_ metrics: [String: Double], place: Int) {
        self.init()
        count = metrics[StageMetric.moments(place, "count")] ?? 0
        mean = metrics[StageMetric.moments(place, "mean")] ?? 0
        squares = metrics[StageMetric.moments(place, "squares")] ?? 0
    }

    /// As metrics.
    func metrics(place: Int) -> [String: Double] {
        [
            StageMetric.moments(place, "count"): count,
            StageMetric.moments(place, "mean"): mean,
            StageMetric.moments(place, "squares"): squares,
        ]
    }
}
