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

    /// A batch; what is left out is the run's own.
    public init(
        objective: NamedParameters? = nil,
        expectedPolicyVersion: Int? = nil,
        learningRate: Double? = nil,
        sequences: [UpdateSequence],
        pairs: [UpdatePair] = []
    ) {
        self.objective = objective
        self.expectedPolicyVersion = expectedPolicyVersion
        self.learningRate = learningRate
        self.sequences = sequences
        self.pairs = pairs
    }
}

/// Two sequences of an `UpdateBatch`, one preferred.
public struct UpdatePair: Sendable, Hashable {
    /// Index of the better one.
    public var chosen: Int
    /// Index of the worse one.
    public var rejected: Int
    /// Reward of the chosen less that of the rejected; `nil` when unknown.
    public var margin: Double?

    /// A pair of places in `UpdateBatch.sequences`.
    public init(chosen: Int, rejected: Int, margin: Double? = nil) {
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
    }
}

/// One sequence of an `UpdateBatch` with its side fields, per completion token where lists.
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
    /// Computed by the run's reference policy when absent and the objective needs them.
    public var referenceLogprobs: [Float]?
    /// Nat, of the policy at the start of the iteration.
    public var oldLogprobs: [Float]?
    /// Nat, of the policy that sampled, after temperature and truncation.
    public var behaviorLogprobs: [Float]?
    /// How much better than expected each token was.
    public var advantages: [Float]?
    /// Of the whole completion; `nil` means unscored, never 0.
    public var reward: Double?
    /// What the sequence's loss is multiplied by.
    public var weight: Double
    /// Desirable or not, for unpaired objectives.
    public var label: Bool?

    /// A sequence; every list needs one number for each completion token.
    public init(
        source: Source,
        referenceLogprobs: [Float]? = nil,
        oldLogprobs: [Float]? = nil,
        behaviorLogprobs: [Float]? = nil,
        advantages: [Float]? = nil,
        reward: Double? = nil,
        weight: Double = 1,
        label: Bool? = nil
    ) {
        self.source = source
        self.referenceLogprobs = referenceLogprobs
        self.oldLogprobs = oldLogprobs
        self.behaviorLogprobs = behaviorLogprobs
        self.advantages = advantages
        self.reward = reward
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

    /// The result of one step.
    public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
        self.policyVersion = policyVersion
        self.step = step
        self.metrics = metrics
    }
}
