public import Domain

/// What a model's last layer gives.
public enum ModelHead: String, Sendable, Hashable, CaseIterable {
    /// A distribution over the next token.
    case language
    /// One number: `score.weight`, `(1, hidden)`, as `LlamaForSequenceClassification` has it.
    case reward
}

/// A Hugging Face `config.json` as far as Hone runs it: Llama, for text or for one score.
public struct HuggingFaceConfiguration: Sendable, Hashable {
    /// The sizes and token ids.
    public var model: ModelConfiguration
    /// What the last layer gives.
    public var head: ModelHead

    /// Makes it from its parts.
    public init(model: ModelConfiguration, head: ModelHead = .language) {
        self.model = model
        self.head = head
    }

    /// Reads `config.json`, and the further end tokens of `generation_config.json`, in `folder`.
    ///
    /// - Throws: `HoneError(.unsupportedModel)` naming the feature that is not built,
    ///   `.invalidModelFile` naming every field at fault, `.vocabularyMismatch` for a special token
    ///   outside the vocabulary.
    public static func read(folder: String) throws -> HuggingFaceConfiguration {
        let path = joinPath(folder, "config.json")
        let value = try readJSON(Value.self, at: path, limit: 16 << 20)
        var configuration = try HuggingFaceConfiguration(value, path: path)
        let generation = joinPath(folder, "generation_config.json")
        if kind(of: generation) != .missing {
            let value = try readJSON(Value.self, at: generation, limit: 16 << 20)
            for token in try endTokens(value["eos_token_id"], path: generation)
            where !configuration.model.endTokenIDs.contains(token) {
                configuration.model.endTokenIDs.append(token)
            }
            try ConfigurationBounds.check(configuration.model, path: generation)
        }
        return configuration
    }

    /// Reads the content of a `config.json`; `path` names it in errors.
    public init(_ value: Value, path: String) throws {
        try HuggingFaceSupport.check(value, path: path)
        model = try Self.model(value, path: path)
        head = try HuggingFaceSupport.head(value, path: path)
        try ConfigurationBounds.check(model, path: path)
    }

    private static func model(_ value: Value, path: String) throws -> ModelConfiguration {
        typealias Bounds = ConfigurationBounds
        var reader = FieldReader(value)
        func required(_ name: String, _ range: ClosedRange<Int>) -> Int {
            if let number = reader.integer(name, in: range) { return number }
            _ = reader.requiredValue(name)
            return range.lowerBound
        }
        let hiddenSize = required("hidden_size", Bounds.width)
        let headCount = required("num_attention_heads", Bounds.heads)
        let headSize = reader.integer("head_dim", in: Bounds.headSize)
        if headSize == nil, !hiddenSize.isMultiple(of: headCount) {
            reader.fault("num_attention_heads", "must divide hidden_size \(hiddenSize)")
        }
        let theta = ropeParameters(value)?["rope_theta"]?.doubleValue
        var model = ModelConfiguration(
            vocabularySize: required("vocab_size", Bounds.vocabulary),
            hiddenSize: hiddenSize,
            intermediateSize: required("intermediate_size", Bounds.width),
            layerCount: required("num_hidden_layers", Bounds.layers),
            headCount: headCount,
            keyValueHeadCount: reader.integer("num_key_value_heads", in: Bounds.heads) ?? headCount,
            headSize: headSize,
            // The defaults are those of transformers' LlamaConfig.
            contextLength: reader.integer("max_position_embeddings", in: Bounds.context) ?? 2048,
            normEpsilon: reader.number("rms_norm_eps", in: .positive) ?? 1e-6,
            ropeTheta: theta ?? reader.number("rope_theta", in: .positive) ?? 10_000,
            tiesEmbeddings: reader.bool("tie_word_embeddings") ?? false
        )
        if !reader.faults.isEmpty {
            let lines = Faults(reader.faults).description.split(separator: "\n")
            throw FileFailure.invalid(path, lines.joined(separator: "; "))
        }
        model.beginTokenID = try token("bos_token_id", value, default: 1, path: path)
        model.padTokenID = try token("pad_token_id", value, default: nil, path: path)
        model.endTokenIDs = try value["eos_token_id"].map { try endTokens($0, path: path) } ?? [2]
        return model
    }

    /// The newer place of `rope_theta` (transformers 5).
    static func ropeParameters(_ value: Value) -> Value? {
        value["rope_parameters"].flatMap { $0 == .null ? nil : $0 }
    }

    private static func token(
        _ name: String,
        _ value: Value,
        default fallback: Int?,
        path: String
    ) throws -> Int? {
        guard let field = value[name] else { return fallback }
        if field == .null { return nil }
        guard let token = field.integerValue else {
            throw FileFailure.invalid(
                path,
                "$.\(name): must be a whole number, not \(field.kindName)"
            )
        }
        // Early Llama conversions write -1 for "none".
        return token < 0 ? nil : token
    }

    private static func endTokens(_ value: Value?, path: String) throws -> [Int] {
        guard let value, value != .null else { return [] }
        let list = value.arrayValue ?? [value]
        let tokens = list.compactMap(\.integerValue)
        guard tokens.count == list.count else {
            throw FileFailure.invalid(path, "$.eos_token_id: must be a token id or a list of them")
        }
        return tokens.filter { $0 >= 0 }
    }
}
