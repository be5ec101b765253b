public import Domain

/// The metadata of a GGUF model ↔ its configuration; architecture `llama` only.
public enum GGUFConfiguration {
    /// Reads the configuration from the metadata and tensor list of `file`.
    ///
    /// - Throws: `HoneError(.unsupportedModel)` naming the architecture or feature that is not built,
    ///   `.invalidModelFile` naming the key at fault, `.vocabularyMismatch` for a special token outside
    ///   the vocabulary.
    public static func read(_ file: GGUFFile) throws -> ModelConfiguration {
        let reader = GGUFFieldReader(file: file)
        try checkSupport(reader)
        let hiddenSize = try reader.integer("llama.embedding_length")
        let headCount = try reader.integer("llama.attention.head_count")
        guard headCount > 0 else {
            throw reader.failure("llama.attention.head_count", "must be positive")
        }
        let headSize = try reader.optionalInteger("llama.attention.key_length")
        if headSize == nil, !hiddenSize.isMultiple(of: headCount) {
            throw reader.failure("llama.attention.head_count", "must divide \(hiddenSize) channels")
        }
        var model = ModelConfiguration(
            vocabularySize: try vocabularySize(reader),
            hiddenSize: hiddenSize,
            intermediateSize: try reader.integer("llama.feed_forward_length"),
            layerCount: try reader.integer("llama.block_count"),
            headCount: headCount,
            keyValueHeadCount: try reader.optionalInteger("llama.attention.head_count_kv")
                ?? headCount,
            headSize: headSize,
            contextLength: try reader.integer("llama.context_length"),
            normEpsilon: try reader.number("llama.attention.layer_norm_rms_epsilon"),
            ropeTheta: try reader.optionalNumber("llama.rope.freq_base") ?? 10_000,
            tiesEmbeddings: !file.listing.names.contains("output.weight")
        )
        for (key, size) in headSizes(reader) where try size() ?? model.headSize != model.headSize {
            throw FileFailure.unsupported(
                file.path,
                "\(key) other than the head size \(model.headSize) is not supported"
            )
        }
        try readTokens(reader, into: &model)
        try ConfigurationBounds.check(model, path: file.path)
        return model
    }

    private static func headSizes(_ reader: GGUFFieldReader) -> [(String, () throws -> Int?)] {
        ["llama.rope.dimension_count", "llama.attention.value_length"].map { key in
            (key, { try reader.optionalInteger(key) })
        }
    }

    private static func checkSupport(_ reader: GGUFFieldReader) throws {
        let path = reader.file.path
        guard let architecture = reader.file["general.architecture"]?.stringValue else {
            throw reader.failure("general.architecture", "is missing")
        }
        guard architecture == "llama" else {
            throw FileFailure.unsupported(
                path,
                "architecture \"\(architecture)\" is not supported; Hone runs Llama models"
            )
        }
        if let scaling = reader.file["llama.rope.scaling.type"]?.stringValue, scaling != "none" {
            throw FileFailure.unsupported(path, "rope scaling \"\(scaling)\" is not supported")
        }
        if let factor = try reader.optionalNumber("llama.rope.scale_linear"), factor != 1 {
            throw FileFailure.unsupported(path, "rope scaling by \(factor) is not supported")
        }
        if let experts = try reader.optionalInteger("llama.expert_count"), experts > 0 {
            throw FileFailure.unsupported(path, "a mixture of \(experts) experts is not supported")
        }
        if reader.file.listing.names.contains("rope_freqs.weight") {
            throw FileFailure.unsupported(
                path,
                "rope_freqs.weight (Llama 3 rope scaling) is not supported"
            )
        }
    }

    /// The embedding's rows, which may be more than the tokens where a vocabulary was padded.
    private static func vocabularySize(_ reader: GGUFFieldReader) throws -> Int {
        if let rows = reader.file.listing["token_embd.weight"]?.shape.first { return rows }
        if let size = try reader.optionalInteger("llama.vocab_size") { return size }
        guard let tokens = reader.file["tokenizer.ggml.tokens"]?.arrayValue else {
            throw reader.failure("llama.vocab_size", "is missing")
        }
        return tokens.count
    }

    private static func readTokens(
        _ reader: GGUFFieldReader,
        into model: inout ModelConfiguration
    ) throws {
        model.beginTokenID = try reader.token("tokenizer.ggml.bos_token_id")
        model.padTokenID = try reader.token("tokenizer.ggml.padding_token_id")
        let ends = ["eos", "eot", "eom"]
        for key in ends.map({ "tokenizer.ggml.\($0)_token_id" }) {
            if let token = try reader.token(key), !model.endTokenIDs.contains(token) {
                model.endTokenIDs.append(token)
            }
        }
    }

    /// The metadata that says the same, for `GGUFWriter`; the tokenizer's fields are apart.
    ///
    /// `name` is shown by tools as the model's name.
    public static func fields(for model: ModelConfiguration, name: String) -> [GGUFField] {
        func count(_ key: String, _ value: Int) -> GGUFField {
            GGUFField("llama." + key, .uint32(UInt32(clamping: value)))
        }
        return [
            GGUFField("general.architecture", .string("llama")),
            GGUFField("general.type", .string("model")),
            GGUFField("general.name", .string(name)),
            count("block_count", model.layerCount),
            count("context_length", model.contextLength),
            count("embedding_length", model.hiddenSize),
            count("feed_forward_length", model.intermediateSize),
            count("attention.head_count", model.headCount),
            count("attention.head_count_kv", model.keyValueHeadCount),
            count("attention.key_length", model.headSize),
            count("attention.value_length", model.headSize),
            GGUFField("llama.rope.freq_base", .float32(Float(model.ropeTheta))),
            GGUFField("llama.attention.layer_norm_rms_epsilon", .float32(Float(model.normEpsilon))),
            count("vocab_size", model.vocabularySize),
            count("rope.dimension_count", model.headSize),
        ]
    }
}
