import Domain

/// How a run's held-out reward went with the distance from the start.
public struct RewardCurveObject: Sendable, Hashable, Codable {
    /// `reward` for the trained one, else its name.
    public var reward: String
    /// The reward at distance 0.
    public var start: Double
    /// What a small distance gains for its length.
    public var alpha: Double
    /// How fast the gain is lost.
    public var beta: Double
    /// The distance of the highest reward; absent when the curve has none.
    public var peakDistance: Double?
    /// The curve's reward there.
    public var peakReward: Double?
    /// The share of the rewards' squared changes that the curve accounts for.
    public var determination: Double
    /// The distance of the last measurement.
    public var distance: Double
    /// The curve's slope there.
    public var slope: Double

    /// A curve; its peak can be set after.
    public init(
        reward: String,
        start: Double,
        alpha: Double,
        beta: Double,
        determination: Double,
        distance: Double,
        slope: Double
    ) {
        self.reward = reward
        self.start = start
        self.alpha = alpha
        self.beta = beta
        self.determination = determination
        self.distance = distance
        self.slope = slope
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "RewardCurve",
        .object([
            .required("reward", .string, "reward, or the name of one of evaluation.rewards."),
            .required("start", number, "The reward at distance 0."),
            .required("alpha", number, "R(d) = start + d (alpha - beta log d), d = sqrt(KL)."),
            .required("beta", number, "How fast the gain is lost."),
            .optional("peak_distance", number, "Where the curve is highest; absent: nowhere."),
            .optional("peak_reward", number, "The curve's reward there."),
            .required("determination", number, "The share of the changes it accounts for."),
            .required("distance", number, "The distance of the last measurement."),
            .required("slope", number, "The slope there: below 0 going further loses reward."),
        ])
    )

    private static let number = Schema.number(.any)
}
