/// What a reward said of one completion: a number, or why there is none.
///
/// **Invariant**: a missing score is unscored, never 0.
public struct RewardScore: Sendable, Hashable {
    /// The result.
    public enum Outcome: Sendable, Hashable {
        /// A finite number; higher is better.
        case scored(Double)
        /// No number, and the reason in plain words.
        case unscored(reason: String)
    }

    /// The result.
    public var outcome: Outcome
    /// The scores of the parts of a combination, by label; unscored parts are absent.
    public var components: [String: Double]
    /// How sure the number is: the deviation over the members of an ensemble; `nil`: nobody knows.
    public var uncertainty: Double?
    /// What an ensemble's members gave, where it is known.
    public var members: [Double] = []
    /// The reward of each token, from the one part that gives any; else empty.
    public var tokens: [Float] = []
    /// Whether there may be a score when it is asked for again: a service that did not answer.
    public var mayComeLater = false

    /// A score; a number that is not finite is unscored.
    public init(_ value: Double, components: [String: Double] = [:], uncertainty: Double? = nil) {
        outcome = value.isFinite ? .scored(value) : .unscored(reason: "the score is \(value)")
        self.components = components
        self.uncertainty = uncertainty.flatMap { $0.isFinite ? $0 : nil }
    }

    /// No score, and why.
    public init(
        unscored reason: String,
        components: [String: Double] = [:],
        mayComeLater: Bool = false
    ) {
        outcome = .unscored(reason: reason)
        self.components = components
        self.mayComeLater = mayComeLater
    }

    /// The number; `nil` when unscored.
    public var value: Double? {
        if case .scored(let value) = outcome { value } else { nil }
    }

    /// Why there is no number; `nil` when there is one.
    public var reason: String? {
        if case .unscored(let reason) = outcome { reason } else { nil }
    }
}
