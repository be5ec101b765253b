import Domain

// The checked batch of an update as sequences, and pairs and groups of their places.
extension UpdatesRequest {
    mutating func readContent(_ checked: Value, _ faults: inout [Fault]) {
        switch (checked["batch"], checked["feedback"]) {
        case (let batch?, nil): read(batch, &faults)
        case (nil, let filter?):
            feedback = Feedback(
                run: filter["run"]?.stringValue,
                iteration: filter["iteration"]?.integerValue,
                annotator: filter["annotator"]?.stringValue,
                source: filter["source"]?.stringValue,
                again: filter["again"]?.boolValue ?? false,
                limit: filter["limit"]?.integerValue ?? 256
            )
        default:
            let message = "give batch, what to learn from, or feedback, which verdicts: one of them"
            faults.append(Fault(path: "$", message: message))
        }
    }

    private mutating func read(_ batch: Value, _ faults: inout [Fault]) {
        guard (batch.objectValue ?? [:]).count == 1 else {
            let message = "must have exactly one of pairs, groups and sequences"
            faults.append(Fault(path: "$.batch", message: message))
            return
        }
        for (index, pair) in (batch["pairs"]?.arrayValue ?? []).enumerated() {
            add(pair: pair, "$.batch.pairs[\(index)]", &faults)
        }
        for (index, group) in (batch["groups"]?.arrayValue ?? []).enumerated() {
            add(group: group, "$.batch.groups[\(index)]", &faults)
        }
        for (index, value) in (batch["sequences"]?.arrayValue ?? []).enumerated() {
            let path = "$.batch.sequences[\(index)]"
            if let found = sequence(value, value["prompt"], path, &faults) {
                sequences.append(found)
            }
        }
    }

    private mutating func add(pair: Value, _ path: String, _ faults: inout [Fault]) {
        let first = sequences.count
        for side in ["chosen", "rejected"] {
            guard
                var found = sequence(pair[side], pair["prompt"], "\(path).\(side)", &faults)
            else { continue }
            for (name, _) in SideFields.scalars {
                found.scalars[name] = pair["\(side)_\(name)"]?.doubleValue ?? found.scalars[name]
            }
            sequences.append(found)
        }
        var read = Pair(chosen: first, rejected: first + 1)
        let thirds = ["exploration", "gold"].filter { pair[$0] != nil }
        if thirds.count > 1 {
            let message = "must have one third completion: exploration or gold, not both"
            faults.append(Fault(path: path, message: message))
        }
        if let name = thirds.first,
            let found = sequence(pair[name], pair["prompt"], "\(path).\(name)", &faults)
        {
            (read.third, read.thirdName) = (sequences.count, name)
            sequences.append(found)
        }
        read.margin = pair["margin"]?.doubleValue
        read.preferenceProbability = pair["preference_probability"]?.doubleValue
        read.weight = pair["weight"]?.doubleValue ?? 1
        pairs.append(read)
    }

    private mutating func add(group: Value, _ path: String, _ faults: inout [Fault]) {
        let first = sequences.count
        let completions = group["completions"]?.arrayValue ?? []
        let rewards = group["rewards"]?.arrayValue
        if let rewards, rewards.count != completions.count {
            let message = "has \(rewards.count) numbers for \(completions.count) completions"
            return faults.append(Fault(path: "\(path).rewards", message: message))
        }
        for (place, completion) in completions.enumerated() {
            let path = "\(path).completions[\(place)]"
            guard var found = sequence(completion, group["prompt"], path, &faults) else { continue }
            if let rewards { found.scalars["reward"] = rewards[place].doubleValue }
            found.weight *= group["weight"]?.doubleValue ?? 1
            sequences.append(found)
        }
        groups.append(first..<sequences.count)
    }

    private func sequence(
        _ value: Value?,
        _ prompt: Value?,
        _ path: String,
        _ faults: inout [Fault]
    ) -> Sequence? {
        guard let value, let source = source(value, prompt, path, &faults) else { return nil }
        var sequence = Sequence(source: source)
        for (name, _) in SideFields.tokens {
            sequence.tokens[name] = value[name]?.arrayValue?
                .compactMap { $0.doubleValue.map(Float.init) }
        }
        for (name, _) in SideFields.scalars { sequence.scalars[name] = value[name]?.doubleValue }
        sequence.weight = value["weight"]?.doubleValue ?? 1
        sequence.label = value["label"]?.boolValue
        return sequence
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
