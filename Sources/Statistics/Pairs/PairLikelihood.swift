/// What a policy and its reference give the two completions of a pair whose better side is known.
public struct PairLikelihood: Sendable, Hashable {
    /// One completion's log-probabilities, nat, summed over its tokens.
    public struct Side: Sendable, Hashable {
        /// The policy's.
        public var policy: Double
        /// The reference's.
        public var reference: Double
        /// Tokens, at least 1.
        public var length: Int

        /// Sums over the tokens of one completion.
        public init(policy: Double, reference: Double, length: Int) {
            self.policy = policy
            self.reference = reference
            self.length = length
        }

        /// The implicit reward in units of β: log π − log π_ref, nat.
        public var logRatio: Double { policy - reference }
    }

    /// The better completion.
    public var chosen: Side
    /// The worse completion.
    public var rejected: Side

    /// A pair.
    public init(chosen: Side, rejected: Side) {
        self.chosen = chosen
        self.rejected = rejected
    }

    /// 1 when the better completion is the likelier one, 1/2 when both are equally likely (Chen and
    /// others 2024, arXiv 2405.19534, definition 2.1).
    public var ranking: Double { Self.outcome(chosen.policy - rejected.policy) }

    /// The same of log-probabilities per token.
    public var rankingPerToken: Double {
        Self.outcome(
            chosen.policy / Double(chosen.length) - rejected.policy / Double(rejected.length)
        )
    }

    /// 1 when the better completion has the higher implicit reward.
    public var implicitRanking: Double { Self.outcome(margin) }

    /// The difference of the implicit rewards in units of β, nat.
    public var margin: Double { chosen.logRatio - rejected.logRatio }

    private static func outcome(_ lead: Double) -> Double { lead == 0 ? 0.5 : lead > 0 ? 1 : 0 }
}
