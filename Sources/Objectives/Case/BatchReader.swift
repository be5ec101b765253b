import Domain

/// Reads a batch from its JSON-shaped tree; fields that no objective knows are ignored.
struct BatchReader {
    /// Reads what an objective `needs` of the object at `path`.
    static func content(
        _ batch: Value,
        _ needs: DataRequirements,
        _ path: String
    )
        throws(HoneError) -> ObjectiveBatch.Content
    {
        let kind = needs.kind
        let path = "\(path).\(kind.rawValue)"
        guard let list = batch[kind.rawValue] else {
            throw invalid(path, "is missing; the objective needs \(kind.rawValue)")
        }
        switch kind {
        case .pairs:
            return .pairs(
                try elements(list, path) { (element, path) throws(HoneError) in
                    try pair(element, path, needs)
                }
            )
        case .groups:
            return .groups(
                try elements(list, path) { (element, path) throws(HoneError) in
                    try group(element, path, needs)
                }
            )
        case .sequences: return .sequences(try sequences(list, path, needs))
        }
    }

    private static func pair(
        _ value: Value,
        _ path: String,
        _ needs: DataRequirements
    ) throws(HoneError) -> PairTerms {
        var pair = PairTerms(
            chosen: try sequence(value["chosen"] ?? .null, path + ".chosen", needs),
            rejected: try sequence(value["rejected"] ?? .null, path + ".rejected", needs)
        )
        let thirdField = needs.third ?? .exploration
        pair.thirdField = thirdField
        if let third = value[thirdField.rawValue], third != .null {
            pair.third = try sequence(third, "\(path).\(thirdField.rawValue)", needs)
        }
        // A pair may carry its sequences' scalars itself: `chosen_reward` is `chosen.reward`.
        for field in BatchField.perSequence {
            if let number = try number(value, "chosen_" + field.rawValue, path) {
                pair.chosen[scalar: field] = number
            }
            if let number = try number(value, "rejected_" + field.rawValue, path) {
                pair.rejected[scalar: field] = number
            }
        }
        pair.margin = try number(value, "margin", path)
        pair.preferenceProbability = try probability(value, path)
        pair.weight = try number(value, "weight", path) ?? 1
        return pair
    }

    private static func group(
        _ value: Value,
        _ path: String,
        _ needs: DataRequirements
    ) throws(HoneError) -> GroupTerms {
        let given = value["completions"] ?? .null
        var completions = try sequences(given, path + ".completions", needs)
        if let rewards = value["rewards"], rewards != .null {
            let list = try optionalNumbers(rewards, path + ".rewards")
            guard list.count == completions.count else {
                throw invalid(
                    path + ".rewards",
                    "has \(list.count) numbers for \(completions.count) completions"
                )
            }
            for index in list.indices { completions[index].reward = list[index] }
        }
        var group = GroupTerms(completions)
        group.weight = try number(value, "weight", path) ?? 1
        return group
    }

    private static func sequences(
        _ list: Value,
        _ path: String,
        _ needs: DataRequirements
    ) throws(HoneError) -> [SequenceTerms] {
        try elements(list, path) { (element, path) throws(HoneError) in
            try sequence(element, path, needs)
        }
    }

    private static func sequence(
        _ value: Value,
        _ path: String,
        _ needs: DataRequirements
    ) throws(HoneError) -> SequenceTerms {
        guard value.objectValue != nil else {
            throw invalid(path, "must be an object with logprobs, not \(value.kindName)")
        }
        // A reward model's batch has scores and need not have log-probabilities.
        let logprobs = try numbers(value, "logprobs", path)
        guard logprobs != nil || (needs.trainsScores && value["score"] != nil) else {
            throw invalid(path + ".logprobs", "is missing")
        }
        var terms = SequenceTerms(logprobs: logprobs ?? [])
        for field in BatchField.perToken {
            terms[tokens: field] = try numbers(value, field.rawValue, path)
        }
        for field in BatchField.perSequence where value[field.rawValue] != nil {
            terms[scalar: field] = try number(value, field.rawValue, path)
        }
        terms.mask = try numbers(value, "mask", path)
        if let held = value["held"], held != .null {
            terms.held = try heldNumbers(held, terms, path + ".held")
        }
        if let label = value["label"], label != .null {
            guard let truth = label.boolValue else {
                throw invalid(path + ".label", "must be true or false, not \(label.kindName)")
            }
            terms.label = truth
        }
        terms.weight = try number(value, "weight", path) ?? 1
        return terms
    }
}

extension BatchReader {
    /// What stop-gradients see in place of the sequence's own numbers.
    private static func heldNumbers(
        _ value: Value,
        _ terms: SequenceTerms,
        _ path: String
    ) throws(HoneError) -> HeldNumbers {
        var held = HeldNumbers(of: terms)
        held.logprobs = try numbers(value, "logprobs", path) ?? terms.logprobs
        for field in BatchField.differentiable where field.place == .token {
            if let list = try numbers(value, field.rawValue, path) { held.tokens[field] = list }
        }
        for (name, count) in [("logprobs", held.logprobs.count)]
            + held.tokens.map({ ($0.key.rawValue, $0.value.count) })
        where count != terms.logprobs.count {
            throw invalid(
                "\(path).\(name)",
                "has \(count) numbers for \(terms.logprobs.count) tokens"
            )
        }
        return held
    }

    /// The elements of a list, each read by `read`.
    static func elements<Element>(
        _ value: Value,
        _ path: String,
        _ read: (Value, String) throws(HoneError) -> Element
    ) throws(HoneError) -> [Element] {
        guard let list = value.arrayValue else {
            throw invalid(path, "must be a list, not \(value.kindName)")
        }
        var result: [Element] = []
        result.reserveCapacity(list.count)
        for (index, element) in list.enumerated() {
            result.append(try read(element, "\(path)[\(index)]"))
        }
        return result
    }

    /// A list of numbers, with `nil` where the list has null.
    static func optionalNumbers(_ value: Value, _ path: String) throws(HoneError) -> [Double?] {
        try elements(value, path) { (element, path) throws(HoneError) in
            if element == .null { return nil }
            guard let number = element.doubleValue else {
                throw invalid(path, "must be a number, not \(element.kindName)")
            }
            return number
        }
    }

    /// The list of numbers `name`; `nil` when absent or null.
    static func numbers(
        _ value: Value,
        _ name: String,
        _ path: String
    )
        throws(HoneError) -> [Double]?
    {
        guard let list = value[name], list != .null else { return nil }
        let path = "\(path).\(name)"
        return try elements(list, path) { (element, path) throws(HoneError) in
            guard let number = element.doubleValue else {
                throw invalid(path, "must be a number, not \(element.kindName)")
            }
            return number
        }
    }

    /// The number `name`; `nil` when absent or null.
    static func number(_ value: Value, _ name: String, _ path: String) throws(HoneError) -> Double?
    {
        guard let given = value[name], given != .null else { return nil }
        guard let number = given.doubleValue else {
            throw invalid("\(path).\(name)", "must be a number, not \(given.kindName)")
        }
        return number
    }

    /// The error of a malformed batch.
    static func invalid(_ path: String, _ message: String) -> HoneError {
        HoneError(.invalidData, "\(path) \(message)", param: path)
    }

    private static func probability(_ value: Value, _ path: String) throws(HoneError) -> Double? {
        let name = BatchField.preferenceProbability.rawValue
        guard let number = try number(value, name, path) else { return nil }
        guard NumericRange.unit.contains(number) else {
            throw invalid("\(path).\(name)", "must be in [0, 1], not \(number)")
        }
        return number
    }
}
