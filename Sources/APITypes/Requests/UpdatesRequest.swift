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

        public var source: Source
        public var referenceLogprobs: [Float]?
        public var oldLogprobs: [Float]?
        public var behaviorLogprobs: [Float]?
        public var advantages: [Float]?
        public var reward: Double?
        public var weight: Double
        public var label: Bool?
    }

    /// Two sequences by their place in `sequences`.
    public struct Pair: Sendable, Hashable {
        public var chosen: Int
        public var rejected: Int
        public var margin: Double?
    }

    /// The run's id or name.
    public var run: String
    public var expectedPolicyVersion: Int?
    public var objective: NamedParameters?
    public var learningRate: Double?
    public var sequences: [Sequence] = []
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
