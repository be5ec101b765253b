import Domain

/// The field `reference` of a run spec: a word, or an object.
enum ReferenceSchema {
    static let schema = Schema.oneOf([
        .choice(ReferenceRule.words.map { $0.word }),
        .named(
            "RunReference",
            .object([
                .optional(
                    "ema",
                    .number(NumericRange(0, 1, includesUpper: false)),
                    "The share that a running average of the policy keeps of itself at every optimizer "
                        + "step."
                ),
                .optional(
                    "soup",
                    .list(.text, count: 2...16),
                    "Models of the policy's shape whose weights are averaged."
                ),
                .optional(
                    "weights",
                    .list(.number(.nonNegative), count: 2...16),
                    "Their shares, divided by their sum; equal unless said."
                ),
            ])
        ),
    ])

    /// The rule of a checked value.
    static func rule(_ checked: Value?) -> ReferenceRule {
        if let word = checked?.stringValue {
            return ReferenceRule.words.first { $0.word == word }?.rule ?? .initial
        }
        if let decay = checked?["ema"]?.doubleValue { return .average(decay: decay) }
        guard let models = checked?["soup"]?.arrayValue else { return .initial }
        return .soup(
            models: models.compactMap(\.stringValue),
            weights: (checked?["weights"]?.arrayValue ?? []).compactMap(\.doubleValue)
        )
    }

    /// The rule as it is read back.
    static func value(_ rule: ReferenceRule) -> Value {
        if let word = ReferenceRule.words.first(where: { $0.rule == rule })?.word {
            return .string(word)
        }
        switch rule {
        case .average(let decay): return ["ema": .number(decay)]
        case .soup(let models, let weights):
            var fields: [String: Value] = ["soup": .array(models.map { .string($0) })]
            if !weights.isEmpty { fields["weights"] = .array(weights.map { .number($0) }) }
            return .object(fields)
        case .initial, .previousIteration, .absent: return .null
        }
    }

    /// What does not go together in a checked value.
    static func contradictions(_ checked: Value?) -> [Fault] {
        guard let fields = checked?.objectValue else { return [] }
        let path = "$.reference"
        let models = fields["soup"]?.arrayValue
        if (fields["ema"] == nil) == (models == nil) {
            return [Fault(path: path, message: "must have ema or soup, one of them")]
        }
        guard let shares = fields["weights"]?.arrayValue else { return [] }
        guard let models else {
            return [Fault(path: "\(path).weights", message: "are those of a soup; leave them out")]
        }
        if shares.count != models.count {
            let message = "must be \(models.count) numbers, one for each model, not \(shares.count)"
            return [Fault(path: "\(path).weights", message: message)]
        }
        if !shares.contains(where: { ($0.doubleValue ?? 0) > 0 }) {
            return [Fault(path: "\(path).weights", message: "must not all be 0")]
        }
        return []
    }
}
