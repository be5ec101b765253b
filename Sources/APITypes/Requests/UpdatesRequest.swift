public import Domain

/// `POST /v1/updates`: one optimizer step of an external run.
public struct UpdatesRequest: Sendable, Hashable {
    /// One sequence to train on with its side fields.
    public struct Sequence: Sendable, Hashable {
        /// Where the tokens come from.
        public enum Source: Sendable, Hashable {
            case rollout(Int)
            case text(prompt: Prompt, completion: String)
            case tokens(prompt: [Int32], completion: [Int32])
        }

        /// Where the tokens come from.
        public var source: Source
        /// One number for each completion token, by the names of `SideFields.tokens`.
        public var tokens: [String: [Float]] = [:]
        /// Numbers of the whole completion, by the names of `SideFields.scalars`.
        public var scalars: [String: Double] = [:]
        /// What the sequence's loss is multiplied by.
        public var weight = 1.0
        /// Desirable or not, for unpaired objectives.
        public var label: Bool?
    }

    /// Two sequences by their place in `sequences`, and perhaps a third.
    public struct Pair: Sendable, Hashable {
        /// The place of the better one.
        public var chosen: Int
        /// The place of the worse one.
        public var rejected: Int
        /// The place of the third completion: one to explore with, or a demonstration.
        public var third: Int?
        /// Which of the two it is: `exploration` or `gold`.
        public var thirdName: String?
        /// Reward of the chosen less that of the rejected; `nil` when unknown.
        public var margin: Double?
        /// The probability that the chosen one is truly preferred; `nil` when unknown.
        public var preferenceProbability: Double?
        /// What the pair's loss is multiplied by.
        public var weight = 1.0
    }

    /// Stored verdicts in place of a batch.
    public struct Feedback: Sendable, Hashable {
        /// Of this run's completions only, by id or name.
        public var run: String?
        /// Of this iteration only.
        public var iteration: Int?
        /// By this annotator only.
        public var annotator: String?
        /// That came through this only.
        public var source: String?
        /// Whether those that were learned from may be learned from again.
        public var again: Bool
        /// The most of them.
        public var limit: Int
    }

    /// The run's id or name.
    public var run: String
    /// The version the policy must have, else the request is refused; `nil` takes any.
    public var expectedPolicyVersion: Int?
    /// The run's own objective when `nil`.
    public var objective: NamedParameters?
    /// For this step alone; the run's schedule decides when `nil`.
    public var learningRate: Double?
    /// All sequences of the batch, those of pairs and groups too.
    public var sequences: [Sequence] = []
    /// The batch's preference pairs; empty for groups and single sequences.
    public var pairs: [Pair] = []
    /// The places of each group's completions; empty for pairs and single sequences.
    public var groups: [Range<Int>] = []
    /// Which stored verdicts the step learns from, when there is no batch.
    public var feedback: Feedback?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        run = checked["run"]?.stringValue ?? ""
        expectedPolicyVersion = checked["expected_policy_version"]?.integerValue
        objective = checked["objective"].flatMap(CatalogueEntrySchema.named)
        learningRate = checked["learning_rate"]?.doubleValue
        if faults.isEmpty { readContent(checked, &faults) }
        if !faults.isEmpty { throw Faults(faults) }
    }
}
