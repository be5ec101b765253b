/// Which policy the reference is.
public enum ReferenceRule: Sendable, Hashable {
    /// The weights the run started from.
    case initial
    /// The policy at the start of the iteration.
    case previousIteration
    /// There is none: nothing is compared with one, and its memory is saved.
    case absent
    /// A running average of the policy: after every optimizer step
    /// `reference = decay · reference + (1 − decay) · policy`, from the weights the run started from.
    case average(decay: Double)
    /// The weighted mean of some models' weights, computed once (SALSA, Chegini et al. 2024,
    /// arXiv 2411.01798). As many weights as models, or none for equal ones.
    case soup(models: [String], weights: [Double])

    /// The rules that are a word in a spec.
    public static let words: [(word: String, rule: ReferenceRule)] = [
        ("initial", .initial), ("previous_iteration", .previousIteration), ("none", .absent),
    ]

    /// The models of a soup with their shares, which sum to 1; empty for other rules.
    public var soupParts: [(model: String, share: Double)] {
        guard case .soup(let models, let weights) = self else { return [] }
        let total = weights.reduce(0, +)
        return models.enumerated().map { index, model in
            let isEqual = weights.count != models.count || !(total > 0)
            return (model, isEqual ? 1 / Double(models.count) : weights[index] / total)
        }
    }

    /// The decay of a running average; `nil` for other rules.
    public var decay: Double? { if case .average(let decay) = self { decay } else { nil } }
}

/// A word where the rule is one, else an object: as in specs, and as earlier versions stored it.
extension ReferenceRule: Codable {
    private struct Parts: Codable {
        var ema: Double?
        var soup: [String]?
        var weights: [Double]?
    }

    /// Reads a rule.
    ///
    /// - Throws: `DecodingError` for what is none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let word = try? container.decode(String.self) {
            guard let found = Self.words.first(where: { $0.word == word }) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "\(word) is no reference"
                )
            }
            self = found.rule
            return
        }
        let parts = try container.decode(Parts.self)
        if let decay = parts.ema {
            self = .average(decay: decay)
        } else {
            self = .soup(models: parts.soup ?? [], weights: parts.weights ?? [])
        }
    }

    /// Writes the rule.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let word = Self.words.first(where: { $0.rule == self })?.word {
            return try container.encode(word)
        }
        switch self {
        case .average(let decay): try container.encode(Parts(ema: decay))
        case .soup(let models, let weights):
            try container.encode(Parts(soup: models, weights: weights))
        case .initial, .previousIteration, .absent: break
        }
    }
}
