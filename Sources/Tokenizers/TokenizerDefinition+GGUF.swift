import Domain

extension TokenizerDefinition {
    /// The tokenizer part of a GGUF file's metadata, key by key.
    public struct GGUFMetadata: Sendable, Hashable {
        /// `tokenizer.ggml.model`: only `gpt2` (byte-level BPE) is read here.
        public var model: String
        /// The rule that cuts text into words, `tokenizer.ggml.pre`.
        public var preTokenizerName: String?
        /// The spelling of each id, `tokenizer.ggml.tokens`.
        public var tokens: [String]
        /// The merges in order of rank, `tokenizer.ggml.merges`.
        public var merges: [String]
        /// `tokenizer.ggml.token_type`; empty where the file has none.
        public var tokenTypes: [Int]
        /// The token that starts a text, `tokenizer.ggml.bos_token_id`.
        public var beginTokenID: Int?
        /// The token that ends a text, `tokenizer.ggml.eos_token_id`.
        public var endTokenID: Int?
        /// The token that fills up batches, `tokenizer.ggml.padding_token_id`.
        public var paddingTokenID: Int?
        /// The token for what has no other, `tokenizer.ggml.unknown_token_id`.
        public var unknownTokenID: Int?
        /// More end tokens, `tokenizer.ggml.eot_token_id` and `tokenizer.ggml.eom_token_id`.
        public var additionalEndTokenIDs: [Int] = []
        /// `tokenizer.ggml.add_bos_token`; `nil` takes the rule's default.
        public var addsBeginToken: Bool?
        /// Whether a text is closed by the end token, `tokenizer.ggml.add_eos_token`.
        public var addsEndToken: Bool?
        /// The Jinja template of conversations, `tokenizer.chat_template`.
        public var chatTemplate: String?

        /// Metadata with only what every file has; set the rest as found.
        public init(model: String, tokens: [String], merges: [String], tokenTypes: [Int] = []) {
            self.model = model
            self.tokens = tokens
            self.merges = merges
            self.tokenTypes = tokenTypes
        }
    }

    /// Reads the tokenizer of a GGUF file, for a model of so many `embeddingRows` where they are
    /// known.
    ///
    /// - Throws: `invalidModelFile` naming the key at fault; `unsupportedModel` for a tokenizer
    ///   that is not byte-level BPE or a rule that is not known; `vocabularyMismatch` for more
    ///   tokens than rows.
    public init(gguf metadata: GGUFMetadata, embeddingRows: Int? = nil) throws {
        try Self.check(tokenCount: metadata.tokens.count, embeddingRows: embeddingRows)
        guard metadata.model == "gpt2" else {
            throw HoneError(
                .unsupportedModel,
                "tokenizer.ggml.model is '\(metadata.model)'; only 'gpt2' (byte-level BPE) is read",
                param: "tokenizer.ggml.model"
            )
        }
        let name = metadata.preTokenizerName ?? "default"
        var parts = Parts()
        parts.vocabularyField = "tokenizer.ggml.tokens"
        parts.mergesField = "tokenizer.ggml.merges"
        parts.tokens = metadata.tokens
        parts.tokenKinds = try Self.kinds(metadata)
        parts.merges = try Self.merges(metadata)
        parts.addedTokens = Self.addedTokens(metadata.tokens, parts.tokenKinds)
        parts.preTokenization = try .named(name)
        parts.prefersWholeWords = PreTokenization.prefersWholeWords(name)
        parts.beginTokenID = metadata.beginTokenID
        parts.endTokenID = metadata.endTokenID
        parts.paddingTokenID = metadata.paddingTokenID
        parts.unknownTokenID = metadata.unknownTokenID
        parts.additionalEndTokenIDs = metadata.additionalEndTokenIDs
        let addsBegin = metadata.addsBeginToken ?? parts.prefersWholeWords
        parts.prefixTokenIDs = addsBegin ? [metadata.beginTokenID].compactMap { $0 } : []
        parts.suffixTokenIDs =
            metadata.addsEndToken == true ? [metadata.endTokenID].compactMap { $0 } : []
        parts.chatTemplate = metadata.chatTemplate
        try self.init(checking: parts)
    }

    private static func kinds(_ metadata: GGUFMetadata) throws -> [TokenKind] {
        let types = metadata.tokenTypes
        if types.isEmpty { return Array(repeating: .normal, count: metadata.tokens.count) }
        guard types.count == metadata.tokens.count else {
            throw invalid(
                "tokenizer.ggml.token_type",
                "has \(types.count) entries for \(metadata.tokens.count) tokens"
            )
        }
        return try types.enumerated().map { index, type in
            guard let kind = TokenKind(rawValue: type) else {
                throw invalid("tokenizer.ggml.token_type[\(index)]", "is \(type), not 1 to 6")
            }
            return kind
        }
    }

    private static func merges(_ metadata: GGUFMetadata) throws -> MergeTexts {
        var merges = MergeTexts()
        for (rank, text) in metadata.merges.enumerated() {
            guard merges.append(joined: { $0.append(contentsOf: text.utf8) }) else {
                throw invalid(
                    "tokenizer.ggml.merges[\(rank)]",
                    "must be two tokens and a space between"
                )
            }
        }
        return merges
    }

    private static func addedTokens(_ tokens: [String], _ kinds: [TokenKind]) -> [AddedToken] {
        zip(tokens, kinds).enumerated().compactMap { index, entry in
            guard [.control, .userDefined].contains(entry.1) else { return nil }
            return AddedToken(
                id: Int32(truncatingIfNeeded: index),
                content: entry.0,
                isSpecial: entry.1 == .control
            )
        }
    }
}
