public import Objectives

/// One optimizer step's data: tokens, what is known of each sequence, and how they belong together.
public struct TrainingBatch {
    /// One sequence by its place in `groups`.
    public struct Sequence {
        public var group: Int
        public var completion: Int
        /// Everything but the log-probabilities, values and entropies that the model will give.
        public var terms: SequenceTerms
        /// The policy version that sampled it, when known.
        public var policyVersion: Int?

        public init(group: Int, completion: Int, terms: SequenceTerms, policyVersion: Int? = nil) {
            self.group = group
            self.completion = completion
            self.terms = terms
            self.policyVersion = policyVersion
        }
    }

    /// Two sequences by index.
    public struct Pair {
        public var chosen: Int
        public var rejected: Int
        public var margin: Double?

        public init(chosen: Int, rejected: Int, margin: Double? = nil) {
            self.chosen = chosen
            self.rejected = rejected
            self.margin = margin
        }
    }

    public var groups: [SequenceGroup]
    public var sequences: [Sequence]
    public var pairs: [Pair]

    public init(groups: [SequenceGroup], sequences: [Sequence], pairs: [Pair]) {
        self.groups = groups
        self.sequences = sequences
        self.pairs = pairs
    }
}
