import Domain

extension PreTokenization {
    /// The rule that GGUF's `tokenizer.ggml.pre` names.
    ///
    /// The names are llama.cpp's; the rules are those of the models' own tokenizers, so that ids
    /// are the ones they were trained on (Qwen2 composes text first, which llama.cpp does not).
    /// - Throws: `unsupportedModel` for a name that is not known.
    public static func named(_ name: String) throws -> Self {
        switch name {
        case "gpt-2", "phi-2", "olmo", "jais", "mpt", "exaone4", "trillion", "granite-docling",
            "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
            "roberta-bpe", "gigachat", "a.x-4.0", "mellum", "modern-bert":
            .gpt2
        case "smollm", "starcoder", "refact", "codeshell", "exaone", "minerva-7b":
            .smollm
        case "command-r":
            Self(normalization: .nfc, steps: smollm.steps)
        case "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
            "lfm2", "jina-v5-nano", "dbrx", "smaug-bpe", "chatglm-bpe":
            .llama3
        case "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2":
            .qwen2
        case "default", "":
            .unnamed
        default:
            throw HoneError(
                .unsupportedModel,
                "tokenizer.ggml.pre: the rule '\(name)' is not known here; known are gpt-2, smollm, "
                    + "starcoder, refact, command-r, llama-bpe, qwen2 and default",
                param: "tokenizer.ggml.pre"
            )
        }
    }

    /// Whether the models of rule `name` take a word that is in the vocabulary whole, unmerged.
    static func prefersWholeWords(_ name: String) -> Bool {
        [
            "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
            "lfm2",
            "jina-v5-nano",
        ].contains(name)
    }

    /// The name of this rule in GGUF files, where llama.cpp has one for it.
    public var ggufName: String? {
        switch steps {
        case Self.gpt2.steps: "gpt-2"
        case Self.smollm.steps: normalization == .nfc ? "command-r" : "smollm"
        case Self.llama3.steps: "llama-bpe"
        case Self.qwen2.steps: "qwen2"
        case Self.unnamed.steps: "default"
        default: nil
        }
    }
}
