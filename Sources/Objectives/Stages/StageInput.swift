/// One completion as the stages see it: numbers only.
public struct StageCompletion: Sendable, Hashable {
    /// As scored; `nil` and not a number are unscored, which is not 0.
    public var reward: Double?
    /// Completion tokens, the end token included.
    public var length: Int
    /// Whether it was cut off before an end token.
    public var isTruncated = false
    /// The policy's log-probability of each token at the start of the iteration.
    public var oldLogprobs: [Double]?
    /// The reference's log-probability of each token.
    public var referenceLogprobs: [Double]?
    /// The value head's estimate at each token.
    public var values: [Double]?
    /// A reward for each token (credit `dense`).
    public var tokenRewards: [Double]?
    /// 0 for tokens that the policy did not write; `nil` means 1 everywhere.
    public var mask: [Double]?
    /// What a `lagrange` constraint is about; `nil` leaves the completion unscored there.
    public var cost: Double?
    /// Iterations by which the policy that sampled it lags behind the one that learns.
    public var lag = 0

    /// A completion with nothing but its reward and length; the rest is set by name.
    public init(reward: Double?, length: Int) {
        self.reward = reward
        self.length = length
    }

    /// The places of the tokens that are trained.
    var trained: [Int] { (0..<length).filter { mask?[$0] != 0 } }

    /// The reward unless it is not a number.
    var score: Double? { reward.flatMap { $0.isNaN ? nil : $0 } }
}

/// The completions of one prompt.
public struct StageGroup: Sendable, Hashable {
    /// Keeps the random choices of groups apart, whatever their order.
    public var id: Int
    /// In sampling order.
    public var completions: [StageCompletion]
    /// The greedy completion (`greedy_baseline`); never trained on.
    public var greedy: StageCompletion?
    /// Rewards of the reference policy's completions (`log_sigmoid_centred`, `par`).
    public var referenceRewards: [Double] = []

    /// A group.
    public init(id: Int, _ completions: [StageCompletion]) {
        self.id = id
        self.completions = completions
    }
}

/// What the stages of one iteration work on.
public struct StageInput: Sendable, Hashable {
    /// The iteration's groups.
    public var groups: [StageGroup]
    /// The iteration, from 1: keeps random choices apart.
    public var iteration = 1
    /// The run's seed.
    public var seed: UInt64 = 0
    /// The metrics of the iterations before, oldest first: all state is a fold over them.
    public var history: [[String: Double]] = []

    /// An iteration without a past; the rest is set by name.
    public init(_ groups: [StageGroup]) { self.groups = groups }
}
