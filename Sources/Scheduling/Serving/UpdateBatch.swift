public import Domain

/// One optimizer step that a client of an `external` run asks for.
public struct UpdateBatch: Sendable {
    /// The run's own objective when absent.
    public var objective: NamedParameters?
    /// The version that the policy must have; another one is `.staleVersion`. Absent: any.
    public var expectedPolicyVersion: Int?
    /// The run's schedule when absent.
    public var learningRate: Double?
    public var sequences: [UpdateSequence]
    /// Indices into `sequences`; not empty for pairwise objectives.
    public var pairs: [UpdatePair]

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
    public var chosen: Int
    public var rejected: Int
    public var margin: Double?

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

    public var source: Source
    /// Computed by the run's reference policy when absent and the objective needs them.
    public var referenceLogprobs: [Float]?
    public var oldLogprobs: [Float]?
    public var behaviorLogprobs: [Float]?
    public var advantages: [Float]?
    public var reward: Double?
    public var weight: Double
    public var label: Bool?

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
    public var policyVersion: Int
    public var step: Int
    public var metrics: [String: Double]

    public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
        self.policyVersion = policyVersion
        self.step = step
        self.metrics = metrics
    }
}
