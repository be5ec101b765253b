public import Domain

/// A service on the network that scores completions, in one of the shapes that are in use.
public struct RemoteService: Sendable, Hashable {
    /// The shape of requests and replies.
    public enum Shape: String, Sendable, Hashable, CaseIterable {
        /// OpenRLHF's `POST /get_reward`: `{query, prompts, labels}` → `{rewards}`.
        case openrlhf
        /// slime's: `{prompt, response, label}`, one at a time → a number, or an object with it.
        case slime
        /// vLLM's `POST /score`: `{model, text_1, text_2}` → `{data: [{index, score}]}`.
        case vllmScore = "vllm_score"
        /// vLLM's `POST /classify`: `{model, input}` → `{data: [{index, probs}]}`, of which the last.
        case vllmClassify = "vllm_classify"
        /// vLLM's `POST /pooling`, and embeddings: `{model, input}` → `{data: [{index, data}]}`, of
        /// which the last.
        case vllmPooling = "vllm_pooling"
    }

    /// What is wrong with a reply as a whole.
    public struct Malformed: Error, Sendable, Hashable {
        /// In plain words.
        public let message: String
    }

    /// Where it is: `http://…`.
    public let url: String
    /// What it understands.
    public let shape: Shape
    /// Completions of one request.
    public let batchSize: Int
    /// The longest that one request may take.
    public let timeout: Duration
    /// Times that a request is sent, the first included.
    public let attempts: Int
    /// Requests of this reward at the same time.
    public let concurrency: Int
    let resultKey: String
    let modelName: String
    let labelKey: String

    /// The body of a request about some completions; slime's shape takes one.
    public func request(_ items: [RewardInput]) -> Value {
        let prompts = Value.array(items.map { .string($0.prompt) })
        let completions = Value.array(items.map { .string($0.completion) })
        let texts = Value.array(items.map { .string($0.prompt + $0.completion) })
        func label(_ item: RewardInput) -> Value { item.item[labelKey] ?? .null }
        switch shape {
        case .openrlhf:
            return ["query": texts, "prompts": prompts, "labels": .array(items.map(label))]
        case .slime:
            guard let item = items.first else { return .object([:]) }
            return [
                "prompt": .string(item.prompt), "response": .string(item.completion),
                "label": label(item),
            ]
        case .vllmScore:
            return ["model": .string(modelName), "text_1": prompts, "text_2": completions]
        case .vllmClassify:
            return ["model": .string(modelName), "input": texts, "use_activation": false]
        case .vllmPooling: return ["model": .string(modelName), "input": texts]
        }
    }

    /// The scores in a reply; those that the service itself leaves out (null, NaN) are unscored.
    ///
    /// - Throws: when it is of another shape, or has not exactly `count` scores.
    public func scores(_ reply: Value, count: Int) throws(Malformed) -> [RewardScore] {
        let found: [Value]
        switch shape {
        case .openrlhf:
            guard let list = reply[resultKey]?.arrayValue else { throw missing(resultKey) }
            found = list
        case .slime:
            if reply.objectValue != nil {
                guard let number = reply[resultKey] else { throw missing(resultKey) }
                found = [number]
            } else {
                found = [reply]
            }
        case .vllmScore: found = try rows(reply, count).map { $0["score"] ?? .null }
        case .vllmClassify: found = try rows(reply, count).map { Self.last($0["probs"]) }
        case .vllmPooling:
            found = try rows(reply, count).map { Self.last($0["data"] ?? $0["embedding"]) }
        }
        guard found.count == count else { throw otherCount(found.count, count) }
        return found.map { value in
            value.doubleValue.map { RewardScore($0) }
                ?? RewardScore(unscored: "the service gave \(value.kindName) for a score")
        }
    }

    private func missing(_ name: String) -> Malformed {
        Malformed(message: "the reply has no \"\(name)\"")
    }

    private func otherCount(_ found: Int, _ count: Int) -> Malformed {
        Malformed(message: "the reply has \(found) scores for \(count) completions")
    }

    /// The last number of a list, or of its last list: rewards of every token end with the whole's.
    private static func last(_ value: Value?) -> Value {
        var value = value ?? .null
        for _ in 0..<4 {
            guard let inner = value.arrayValue?.last else { return value }
            value = inner
        }
        return value
    }

    /// The rows of `data` in the order of their `index`.
    private func rows(_ reply: Value, _ count: Int) throws(Malformed) -> [Value] {
        guard let data = reply["data"]?.arrayValue else { throw missing("data") }
        guard data.count == count else { throw otherCount(data.count, count) }
        var rows = [Value?](repeating: nil, count: count)
        for (place, row) in data.enumerated() {
            let index = row["index"]?.integerValue ?? place
            guard rows.indices.contains(index), rows[index] == nil else {
                throw Malformed(message: "the reply has the index \(index) where it cannot be")
            }
            rows[index] = row
        }
        return rows.compactMap(\.self)
    }
}
