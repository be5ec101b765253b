extension WorkerRequest {
    /// Sequences whose predicting distributions are to be described.
    public struct Measure: Sendable, Codable {
        /// The sequences; only completion tokens are given figures.
        public var groups: [SequenceGroup]
        /// Of how many of the likeliest tokens the mass is given, from 1 to 64.
        public var topCount: Int
        /// Whether the exact KL from the reference policy is given too.
        public var comparesReference: Bool
        /// Whether those likeliest tokens are given too.
        public var listsTopTokens = false
        /// Groups to describe the policy's distributions over.
        public init(groups: [SequenceGroup], topCount: Int = 10, comparesReference: Bool = false) {
            self.groups = groups
            self.topCount = topCount
            self.comparesReference = comparesReference
        }
    }
}

extension WorkerReply {
    /// What the policy's distributions over one completion's tokens are like, at temperature 1.
    public struct TokenFigures: Sendable, Codable {
        /// The entropy at each token, nat.
        public var entropies: Packed<Float>
        /// The mass of the likeliest tokens at each token.
        public var topMasses: Packed<Float>
        /// KL(policy‖reference) at each token, nat; empty unless asked for.
        public var divergences: Packed<Float>
        /// The likeliest tokens, equally many at each token, the likeliest first; empty unless asked for.
        public var topTokens = Packed<Int32>([])
        /// Their log-probabilities, nat.
        public var topLogprobs = Packed<Float>([])
        /// Figures of one completion, one of each kind for each token.
        public init(
            entropies: Packed<Float>,
            topMasses: Packed<Float>,
            divergences: Packed<Float>
        ) {
            self.entropies = entropies
            self.topMasses = topMasses
            self.divergences = divergences
        }
    }
}
