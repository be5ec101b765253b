public import Objectives

/// One optimizer step's data: tokens, what is known of each sequence, and how they belong together.
public struct TrainingBatch {
    /// One sequence by its place in `groups`.
    public struct Sequence {
        /// Index in `TrainingBatch.groups`.
        public var group: Int
        /// Index in the group's completions.
        public var completion: Int
        /// Everything but the log-probabilities, values and entropies that the model will give.
        public var terms: SequenceTerms
        /// The policy version that sampled it, when known.
        public var policyVersion: Int?

        /// A sequence by its place, with what the objective needs to know of it.
        public init(group: Int, completion: Int, terms: SequenceTerms, policyVersion: Int? = nil) {
            self.group = group
            self.completion = completion
            self.terms = terms
            self.policyVersion = policyVersion
        }
    }

    /// Two sequences by index, and perhaps a third.
    public struct Pair {
        /// Index in `sequences` of the one that won.
        public var chosen: Int
        /// Index in `sequences` of the one that lost.
        public var rejected: Int
        /// Index in `sequences` of a third completion: one to explore with, or a demonstration.
        public var third: Int?
        /// Reward of the chosen less that of the rejected, when both are known.
        public var margin: Double?
        /// The probability that the chosen one is truly preferred.
        public var preferenceProbability: Double?
        /// What the pair's loss is multiplied by.
        public var weight = 1.0

        /// A winner and a loser; the rest is set by name.
        public init(chosen: Int, rejected: Int) {
            self.chosen = chosen
            self.rejected = rejected
        }

        /// The sequences in gradient order.
        var members: [Int] { [chosen, rejected] + (third.map { [$0] } ?? []) }
    }

    /// Prompts with their completions; a group's prompt is computed once.
    public var groups: [SequenceGroup]
    /// Every sequence that the loss looks at.
    public var sequences: [Sequence]
    /// Not empty for pairwise objectives.
    public var pairs: [Pair]

    /// The data of one step; places and indices point into what is given with them.
    public init(groups: [SequenceGroup], sequences: [Sequence], pairs: [Pair]) {
        self.groups = groups
        self.sequences = sequences
        self.pairs = pairs
    }
}
