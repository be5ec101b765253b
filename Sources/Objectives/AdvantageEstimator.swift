public import Domain

/// What an advantage estimator works on: one sequence's tokens, or one group's completions.
public struct AdvantageInput: Sendable, Hashable {
    /// Per token (GAE) or per completion of one group; `nil` is unscored, which is not 0.
    public var rewards: [Double?]
    /// The value head's estimate at each token.
    public var values: [Double]?
    /// 0 for tokens that the policy did not write (tool output); `nil` means 1 everywhere.
    public var mask: [Double]?
    /// The number of tokens of each completion.
    public var lengths: [Double]?
    /// What a completion's reward is compared with: the greedy completion's (`greedy_baseline`), or
    /// its group's mean (`return_to_go`).
    public var baseline: Double?

    /// Rewards alone; the rest is set by name.
    public init(rewards: [Double?]) { self.rewards = rewards }
}

/// Turns rewards into advantages: a pure function of one sequence or of one group.
public protocol AdvantageEstimator: CatalogueEntry {
    /// Whether rewards are per token of one sequence rather than per completion of a group.
    static var isPerToken: Bool { get }
    /// Whether a value head's estimates are needed.
    static var needsValues: Bool { get }
    /// The fewest completions a group may have.
    static var minimumGroupSize: Int { get }
    /// Whether the completions are those of a whole batch rather than of one group.
    static var isOverBatch: Bool { get }
    /// Whether `AdvantageInput.baseline` is the reward of a greedy completion.
    static var needsGreedy: Bool { get }
    /// What its batch must have; with default parameters.
    static var requiredFields: Set<AdvantageField> { get }
    /// What else it reads where it is there, or with other parameters.
    static var optionalFields: Set<AdvantageField> { get }
    /// Where a KL in the reward goes.
    static var penaltyPlacement: PenaltyPlacement { get }

    /// One advantage for each reward; unscored completions get 0 and touch no statistic.
    func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double]

    /// What a completion's advantage is times on each of its `count` trained tokens.
    func profile(tokens count: Int) -> [Double]
}

/// Where the tokens' KL penalties go when the KL is part of the reward.
public enum PenaltyPlacement: Sendable, Hashable {
    /// On their tokens' rewards, so that they count for the tokens before as well.
    case token
    /// Their sum on the completion's reward.
    case completion
    /// On their tokens' advantages: each counts for its own token alone.
    case advantage
}

extension AdvantageEstimator {
    /// Per completion, unless said.
    public static var isPerToken: Bool { false }
    /// No, unless said.
    public static var needsValues: Bool { false }
    /// One, unless said.
    public static var minimumGroupSize: Int { 1 }
    /// No, unless said.
    public static var isOverBatch: Bool { false }
    /// No, unless said.
    public static var needsGreedy: Bool { false }
    /// Rewards, and what `needsValues` and `needsGreedy` say, unless said.
    public static var requiredFields: Set<AdvantageField> {
        var fields: Set<AdvantageField> = [.rewards]
        if needsValues { fields.insert(.values) }
        if needsGreedy { fields.insert(.baseline) }
        return fields
    }
    /// A mask where rewards are per token, unless said.
    public static var optionalFields: Set<AdvantageField> { isPerToken ? [.mask] : [] }
    /// On tokens where rewards are per token, else on the completion, unless said.
    public static var penaltyPlacement: PenaltyPlacement { isPerToken ? .token : .completion }

    /// The same on every token, unless said.
    public func profile(tokens count: Int) -> [Double] { [Double](repeating: 1, count: count) }
}

/// The error of an advantage that is not a number.
func badAdvantage(_ name: String, _ place: String, _ param: String) -> HoneError {
    HoneError(
        .notANumber,
        "the advantage of \(place) under \(name) is not a finite number; look at the rewards",
        param: param
    )
}

/// An estimator that compares the completions of one group.
public protocol GroupAdvantageEstimator: AdvantageEstimator {
    /// The advantages of at least two scored completions.
    func advantages(ofScored rewards: [Double]) -> [Double]
}

extension GroupAdvantageEstimator {
    /// Two: a lone completion has nothing to be compared with.
    public static var minimumGroupSize: Int { 2 }

    /// Fewer than two scored completions carry no signal: 0 for all.
    public func advantages(_ input: AdvantageInput) throws(HoneError) -> [Double] {
        let scored = input.rewards.indices.filter { input.rewards[$0] != nil }
        var result = [Double](repeating: 0, count: input.rewards.count)
        guard scored.count >= 2 else { return result }
        let found = advantages(ofScored: scored.compactMap { input.rewards[$0] })
        for (index, advantage) in zip(scored, found) {
            guard advantage.isFinite else {
                throw badAdvantage(Self.name, "completion \(index)", "rewards[\(index)]")
            }
            result[index] = advantage
        }
        return result
    }
}
