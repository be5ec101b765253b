internal import Domain

extension HuggingFaceConfiguration {
    /// The text of a `config.json` that transformers 4 and 5 load.
    ///
    /// Both spellings are written where the two differ: `torch_dtype` and `dtype`, `rope_theta` and
    /// `rope_parameters`.
    public var configurationText: String {
        OrderedJSON.object(fields + labels).indented() + "\n"
    }

    /// The text of the `generation_config.json` beside it.
    public var generationText: String {
        let fields: [(String, OrderedJSON)] = [
            ("_from_model_config", .bool(true)),
            ("bos_token_id", Self.token(model.beginTokenID)),
            ("eos_token_id", endTokens),
            ("pad_token_id", Self.token(model.padTokenID)),
        ]
        return OrderedJSON.object(fields.filter { !$0.1.isNull }).indented() + "\n"
    }

    /// Writes `config.json` and `generation_config.json` into `folder`, each atomically.
    public func write(folder: String) throws {
        try AtomicFile.write(configurationText.utf8, to: joinPath(folder, "config.json"))
        try AtomicFile.write(generationText.utf8, to: joinPath(folder, "generation_config.json"))
    }

    private var fields: [(String, OrderedJSON)] {
        let architecture =
            switch head {
            case .language: HuggingFaceSupport.languageArchitecture
            case .reward: HuggingFaceSupport.rewardArchitecture
            }
        let rope = [
            ("rope_theta", OrderedJSON.number(model.ropeTheta)), ("rope_type", .string("default")),
        ]
        return [
            ("architectures", .array([.string(architecture)])),
            ("model_type", .string("llama")),
            ("attention_bias", .bool(false)),
            ("attention_dropout", .number(0)),
            ("bos_token_id", Self.token(model.beginTokenID)),
            ("dtype", .string("float32")),
            ("eos_token_id", endTokens),
            ("head_dim", .integer(model.headSize)),
            ("hidden_act", .string("silu")),
            ("hidden_size", .integer(model.hiddenSize)),
            ("initializer_range", .number(0.02)),
            ("intermediate_size", .integer(model.intermediateSize)),
            ("max_position_embeddings", .integer(model.contextLength)),
            ("mlp_bias", .bool(false)),
            ("num_attention_heads", .integer(model.headCount)),
            ("num_hidden_layers", .integer(model.layerCount)),
            ("num_key_value_heads", .integer(model.keyValueHeadCount)),
            ("pad_token_id", Self.token(model.padTokenID)),
            ("rms_norm_eps", .number(model.normEpsilon)),
            ("rope_parameters", .object(rope)),
            ("rope_theta", .number(model.ropeTheta)),
            ("tie_word_embeddings", .bool(model.tiesEmbeddings)),
            ("torch_dtype", .string("float32")),
            ("use_cache", .bool(true)),
            ("vocab_size", .integer(model.vocabularySize)),
        ]
    }

    private var labels: [(String, OrderedJSON)] {
        guard head == .reward else { return [] }
        return [
            ("id2label", .object([("0", .string("LABEL_0"))])),
            ("label2id", .object([("LABEL_0", .integer(0))])),
            ("num_labels", .integer(1)),
        ]
    }

    private var endTokens: OrderedJSON {
        switch model.endTokenIDs.count {
        case 0: .null
        case 1: .integer(model.endTokenIDs[0])
        default: .array(model.endTokenIDs.map(OrderedJSON.integer))
        }
    }

    private static func token(_ id: Int?) -> OrderedJSON { id.map(OrderedJSON.integer) ?? .null }
}

extension OrderedJSON {
    var isNull: Bool { if case .null = self { true } else { false } }
}
