public import Domain

/// `POST /v1/updates`: one optimizer step of an external run.
public struct UpdatesRequest: Sendable, Hashable {
    /// One sequence to train on with its side fields, lists per completion token.
    public struct Sequence: Sendable, Hashable {
        /// Where the tokens come from.
        public enum Source: Sendable, Hashable {
            case rollout(Int)
            case text(prompt: Prompt, completion: String)
            case tokens(prompt: [Int32], completion: [Int32])
        }

        /// Where the tokens come from.
        public var source: Source
        /// Nat, of the reference policy; computed when absent and needed.
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
    }

    /// Two sequences by their place in `sequences`.
    public struct Pair: Sendable, Hashable {
        /// The place of the better one.
        public var chosen: Int
        /// The place of the worse one.
        public var rejected: Int
        /// Reward of the chosen less that of the rejected; `nil` when unknown.
        public var margin: Double?
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

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        run = checked["run"]?.stringValue ?? ""
        expectedPolicyVersion = checked["expected_policy_version"]?.integerValue
        objective = checked["objective"].flatMap(CatalogueEntrySchema.named)
        learningRate = checked["learning_rate"]?.doubleValue
        if faults.isEmpty { readBatch(checked["batch"] ?? [:], &faults) }
        if !faults.isEmpty { throw Faults(faults) }
    }

    private mutating func readBatch(_ batch: Value, _ faults: inout [Fault]) {
        guard (batch.objectValue ?? [:]).count == 1 else {
            let message = "must have exactly one of pairs, groups and sequences"
            faults.append(Fault(path: "$.batch", message: message))
            return
        }
        for (index, pair) in (batch["pairs"]?.arrayValue ?? []).enumerated() {
            let path = "$.batch.pairs[\(index)]"
            let first = sequences.count
            add(pair["chosen"], pair["prompt"], "\(path).chosen", &faults)
            add(pair["rejected"], pair["prompt"], "\(path).rejected", &faults)
            pairs.append(
                Pair(chosen: first, rejected: first + 1, margin: pair["margin"]?.doubleValue)
            )
        }
        for (index, group) in (batch["groups"]?.arrayValue ?? []).enumerated() {
            for (place, completion) in (group["completions"]?.arrayValue ?? []).enumerated() {
                let path = "$.batch.groups[\(index)].completions[\(place)]"
                add(completion, group["prompt"], path, &faults)
            }
        }
        for (index, sequence) in (batch["sequences"]?.arrayValue ?? []).enumerated() {
            add(sequence, sequence["prompt"], "$.batch.sequences[\(index)]", &faults)
        }
    }

    private mutating func add(
        _ value: Value?,
        _ prompt: Value?,
        _ path: String,
        _ faults: inout [Fault]
    ) {
        guard let value, let source = source(value, prompt, path, &faults) else { return }
        func numbers(_ name: String) -> [Float]? {
            value[name]?.arrayValue?.compactMap { $0.doubleValue.map(Float.init) }
        }
        sequences.append(
            Sequence(
                source: source,
                referenceLogprobs: numbers("reference_logprobs"),
                oldLogprobs: numbers("old_logprobs"),
                behaviorLogprobs: numbers("behavior_logprobs"),
                advantages: numbers("advantages"),
                reward: value["reward"]?.doubleValue,
                weight: value["weight"]?.doubleValue ?? 1,
                label: value["label"]?.boolValue
            )
        )
    }

    private func source(
        _ value: Value,
        _ prompt: Value?,
        _ path: String,
        _ faults: inout [Fault]
    ) -> Sequence.Source? {
        if let id = value.integerValue ?? value["rollout_id"]?.integerValue { return .rollout(id) }
        guard let prompt = prompt.map(PromptInput.prompt) else {
            faults.append(Fault(path: path, message: "needs a prompt beside it, or a rollout_id"))
            return nil
        }
        if let text = value.stringValue ?? value["completion"]?.stringValue {
            return .text(prompt: prompt, completion: text)
        }
        guard let tokens = value["tokens"].map(PromptInput.tokens) else {
            let message = "must have one of rollout_id, completion and tokens"
            faults.append(Fault(path: path, message: message))
            return nil
        }
        guard case .tokens(let promptTokens) = prompt else {
            let message = "has tokens, so its prompt must be token ids too"
            faults.append(Fault(path: path, message: message))
            return nil
        }
        return .tokens(prompt: promptTokens, completion: tokens)
    }
}
