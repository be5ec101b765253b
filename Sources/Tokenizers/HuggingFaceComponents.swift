import Domain

/// Turns the components of a `tokenizer.json` into this module's rules, or says which cannot be.
enum HuggingFaceComponents {
    private typealias File = HuggingFaceTokenizerFile

    /// Refuses what would change ids unnoticed.
    static func refuseUnsupported(_ file: HuggingFaceTokenizerFile) throws {
        let model = file.model
        if let type = model.type, type != "BPE" { throw unsupported("model.type", type) }
        if model.byte_fallback == true { throw unsupported("model.byte_fallback", "true") }
        if let dropout = model.dropout, dropout > 0 {
            throw unsupported("model.dropout", "\(dropout)")
        }
        if model.fuse_unk == true, model.unk_token != nil {
            throw unsupported("model.fuse_unk", "true")
        }
        if let prefix = model.continuing_subword_prefix, !prefix.isEmpty {
            throw unsupported("model.continuing_subword_prefix", prefix)
        }
        if let suffix = model.end_of_word_suffix, !suffix.isEmpty {
            throw unsupported("model.end_of_word_suffix", suffix)
        }
        guard file.decoder?.type == "ByteLevel" else {
            throw unsupported("decoder", file.decoder?.type ?? "null")
        }
    }

    static func preTokenization(_ file: HuggingFaceTokenizerFile) throws -> PreTokenization {
        guard let first = file.pre_tokenizer else { throw unsupported("pre_tokenizer", "null") }
        let steps = try steps(first)
        guard case .byteLevel = steps.last else {
            throw unsupported("pre_tokenizer", "\(first.type) without ByteLevel at its end")
        }
        return PreTokenization(normalization: try normalization(file.normalizer), steps: steps)
    }

    private static func normalization(
        _ normalizer: HuggingFaceTokenizerFile.Normalizer?
    ) throws -> PreTokenization.Normalization {
        guard let normalizer else { return .none }
        switch normalizer.type {
        case "NFC": return .nfc
        case "Sequence":
            let all = try (normalizer.normalizers ?? []).map { try normalization($0) }
            return all.contains(.nfc) ? .nfc : .none
        default: throw unsupported("normalizer", normalizer.type)
        }
    }

    private static func steps(
        _ component: HuggingFaceTokenizerFile.PreTokenizer
    ) throws -> [PreTokenization.Step] {
        switch component.type {
        case "Sequence":
            return try (component.pretokenizers ?? []).flatMap { try steps($0) }
        case "Digits":
            return [.digits(individual: component.individual_digits ?? false)]
        case "ByteLevel":
            let addsSpace = component.add_prefix_space ?? true
            return [
                .byteLevel(addsPrefixSpace: addsSpace, usesPattern: component.use_regex ?? true)
            ]
        case "Split":
            return [.split(try pattern(component))]
        default:
            throw unsupported("pre_tokenizer", component.type)
        }
    }

    private static func pattern(
        _ component: HuggingFaceTokenizerFile.PreTokenizer
    ) throws -> SplitPattern {
        guard let expression = component.pattern?.Regex else {
            throw unsupported("pre_tokenizer.pattern", component.pattern?.String ?? "null")
        }
        guard let pattern = SplitPattern(expression: expression) else {
            throw unsupported("pre_tokenizer.pattern", expression)
        }
        let behavior = component.behavior ?? "null"
        let isInverted = component.invert ?? false
        // Removing what lies between matches is the same where nothing does.
        let keepsMatches = behavior == "Removed" && isInverted && pattern.coversEverything
        guard behavior == "Isolated" && !isInverted || keepsMatches else {
            throw unsupported("pre_tokenizer.behavior", "\(behavior), invert \(isInverted)")
        }
        return pattern
    }

    /// The ids that a `TemplateProcessing` puts around one text; `nil` without one.
    static func template(
        _ file: HuggingFaceTokenizerFile
    ) throws -> (prefix: [Int], suffix: [Int])? {
        try file.post_processor.flatMap { try template($0) }
    }

    private static func template(
        _ processor: HuggingFaceTokenizerFile.PostProcessor
    ) throws -> (prefix: [Int], suffix: [Int])? {
        switch processor.type {
        case "ByteLevel": return nil
        case "Sequence":
            return try (processor.processors ?? []).lazy.compactMap { try template($0) }.first
        case "TemplateProcessing":
            var around: (prefix: [Int], suffix: [Int]) = ([], [])
            var isAfterText = false
            for piece in processor.single ?? [] {
                if piece.Sequence != nil { isAfterText = true }
                guard let name = piece.SpecialToken?.id else { continue }
                guard let ids = processor.special_tokens?[name]?.ids else {
                    throw TokenizerDefinition.invalid(
                        "post_processor.special_tokens",
                        "lacks '\(name)', which its template uses"
                    )
                }
                if isAfterText { around.suffix += ids } else { around.prefix += ids }
            }
            return around
        default:
            throw unsupported("post_processor", processor.type)
        }
    }

    private static func unsupported(_ field: String, _ value: String) -> HoneError {
        HoneError(
            .unsupportedModel,
            "tokenizer.json: \(field) '\(value)' is not supported; byte-level BPE tokenizers of the "
                + "GPT-2, SmolLM2, Llama 3 and Qwen2 kinds are",
            param: field
        )
    }
}
