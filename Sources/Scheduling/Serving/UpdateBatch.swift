public import Domain

/// One optimizer step that a client of an `external` run asks for.
public struct UpdateBatch: Sendable {
    /// The run's own objective when absent.
    public var objective: NamedParameters?
    /// The version that the policy must have; another one is `.staleVersion`.
    ///
    /// Any will do when absent.
    public var expectedPolicyVersion: Int?
    /// The run's schedule when absent.
    public var learningRate: Double?
    /// What to train on; an empty completion is refused.
    public var sequences: [UpdateSequence]
    /// Indices into `sequences`; not empty for pairwise objectives.
    public var pairs: [UpdatePair]
    /// The places in `sequences` of each group's completions, one after the other; without any,
    /// sequences of one prompt form a group.
    public var groups: [Range<Int>]
    /// Stored verdicts in place of sequences.
    public var feedback: FeedbackFilter?

    /// A batch; what is left out is the run's own.
    public init(
        objective: NamedParameters? = nil,
        expectedPolicyVersion: Int? = nil,
        learningRate: Double? = nil,
        sequences: [UpdateSequence],
        pairs: [UpdatePair] = [],
        groups: [Range<Int>] = []
    ) {
        self.objective = objective
        self.expectedPolicyVersion = expectedPolicyVersion
        self.learningRate = learningRate
        self.sequences = sequences
        self.pairs = pairs
        self.groups = groups
    }
}

/// Two sequences of an `UpdateBatch`, one preferred, and perhaps a third.
public struct UpdatePair: Sendable, Hashable {
    /// Index of the better one.
    public var chosen: Int
    /// Index of the worse one.
    public var rejected: Int
    /// Index of the third completion: one to explore with, or a demonstration.
    public var third: Int?
    /// Which of the two it is, by the objectives' names: `exploration` or `gold`.
    public var thirdName: String?
    /// Reward of the chosen less that of the rejected; `nil` when unknown.
    public var margin: Double?
    /// The probability that the chosen one is truly preferred; `nil` when unknown.
    public var preferenceProbability: Double?
    /// What the pair's loss is multiplied by.
    public var weight: Double

    /// Places in `UpdateBatch.sequences`.
    public init(
        chosen: Int,
        rejected: Int,
        third: Int? = nil,
        thirdName: String? = nil,
        margin: Double? = nil,
        preferenceProbability: Double? = nil,
        weight: Double = 1
    ) {
        self.chosen = chosen
        self.rejected = rejected
        self.third = third
        self.thirdName = thirdName
        self.margin = margin
        self.preferenceProbability = preferenceProbability
        self.weight = weight
    }
}

/// One sequence of an `UpdateBatch` with its side fields.
public struct UpdateSequence: Sendable, Hashable {
    /// Where the tokens come from.
    public enum Source: Sendable, Hashable {
        /// A stored rollout, with the log-probabilities it was stored with.
        case rollout(Int)
        /// Text; the completion ends with the model's end token.
        case text(prompt: Prompt, completion: String)
        case tokens(prompt: [Int32], completion: [Int32])
    }

    /// Where the tokens come from.
    public var source: Source
    /// One number for each completion token, by the objectives' names (`old_logprobs`, …) and `mask`.
    ///
    /// `reference_logprobs` are computed when absent and needed.
    public var tokens: [String: [Float]]
    /// Numbers of the whole completion, by the objectives' names; a missing `reward` means unscored,
    /// never 0.
    public var scalars: [String: Double]
    /// What the sequence's loss is multiplied by.
    public var weight: Double
    /// Desirable or not, for unpaired objectives.
    public var label: Bool?

    /// A sequence; every list needs one number for each completion token.
    public init(
        source: Source,
        tokens: [String: [Float]] = [:],
        scalars: [String: Double] = [:],
        weight: Double = 1,
        label: Bool? = nil
    ) {
        self.source = source
        self.tokens = tokens
        self.scalars = scalars
        self.weight = weight
        self.label = label
    }
}

/// What an external update did.
public struct UpdateResult: Sendable, Hashable {
    /// The version of the weights after the step.
    public var policyVersion: Int
    /// Optimizer steps since the run's start.
    public var step: Int
    /// What the step measured, by contract names; all finite.
    public var metrics: [String: Double]
    /// The verdicts that were learned from.
    public var feedback: [Int] = []

    /// The result of one step.
    public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
        self.policyVersion = policyVersion
        self.step = step
        self.metrics = metrics
    }
}
