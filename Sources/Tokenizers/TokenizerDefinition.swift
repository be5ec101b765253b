import Domain

/// Everything that makes one byte-level BPE tokenizer, free of any file format.
///
/// It is read from Hugging Face files or GGUF metadata, checked on the way in, and written back.
public struct TokenizerDefinition: Sendable, Hashable {
    /// Tokens by id, in the byte alphabet of GPT-2; added tokens as plain text.
    public let tokens: [String]
    /// What each token is for, by id.
    public let tokenKinds: [TokenKind]
    /// The merges, in order of rank.
    public let merges: [TokenMerge]
    /// Tokens by their spelling, for merges and encoding alike.
    let spellings: WordTable
    /// The tokens found in text before anything else, in order of id.
    public let addedTokens: [AddedToken]
    /// How text is cut before merging.
    public let preTokenization: PreTokenization
    /// Whether a word that is in the vocabulary is taken whole, whatever its merges give.
    public let prefersWholeWords: Bool
    /// The token that starts a text, if the model has one.
    public var beginTokenID: Int32?
    /// The token that ends a text.
    public var endTokenID: Int32?
    /// The token that fills up batches.
    public var paddingTokenID: Int32?
    /// The token for what the vocabulary cannot spell.
    public var unknownTokenID: Int32?
    /// Whether bytes the vocabulary lacks become the unknown token; otherwise they are dropped.
    public let emitsUnknownToken: Bool
    /// Ids put before a text when special tokens are added.
    public var prefixTokenIDs: [Int32]
    /// Ids put after a text when special tokens are added.
    public var suffixTokenIDs: [Int32]
    /// Further ids at which generation ends, such as an end-of-turn token.
    public var additionalEndTokenIDs: [Int32] = []
    /// The Jinja chat template.
    public var chatTemplate: String?

    /// The parts of a definition before they are checked.
    struct Parts {
        var tokens: [String] = []
        var tokenKinds: [TokenKind] = []
        var merges = MergeTexts()
        var addedTokens: [AddedToken] = []
        var preTokenization = PreTokenization.gpt2
        var prefersWholeWords = false
        var beginTokenID: Int?
        var endTokenID: Int?
        var paddingTokenID: Int?
        var unknownTokenID: Int?
        var emitsUnknownToken = false
        var prefixTokenIDs: [Int] = []
        var suffixTokenIDs: [Int] = []
        var additionalEndTokenIDs: [Int] = []
        var chatTemplate: String?
        /// What messages call the vocabulary and the merges.
        var vocabularyField = "model.vocab"
        var mergesField = "model.merges"
    }

    /// Checks the parts.
    /// - Throws: `invalidModelFile` naming the field at fault.
    init(checking parts: Parts) throws {
        guard !parts.tokens.isEmpty, parts.tokens.count < Int(Int32.max) else {
            throw Self.invalid(parts.vocabularyField, "holds no tokens")
        }
        try Self.checkSizes(parts)
        let count = parts.tokens.count
        func checked(_ id: Int?, _ field: String) throws -> Int32? {
            guard let id else { return nil }
            guard (0..<count).contains(id) else {
                throw Self.invalid(field, "names the id \(id), outside the \(count) tokens")
            }
            return Int32(id)
        }
        tokens = parts.tokens
        tokenKinds = parts.tokenKinds
        let spellings = WordTable(parts.tokens)
        self.spellings = spellings
        merges = try Self.resolve(parts, spellings)
        addedTokens = parts.addedTokens.sorted { $0.id < $1.id }
        preTokenization = parts.preTokenization
        prefersWholeWords = parts.prefersWholeWords
        beginTokenID = try checked(parts.beginTokenID, "bos_token")
        endTokenID = try checked(parts.endTokenID, "eos_token")
        paddingTokenID = try checked(parts.paddingTokenID, "pad_token")
        unknownTokenID = try checked(parts.unknownTokenID, "unk_token")
        emitsUnknownToken = parts.emitsUnknownToken
        prefixTokenIDs = try parts.prefixTokenIDs.compactMap { try checked($0, "post_processor") }
        suffixTokenIDs = try parts.suffixTokenIDs.compactMap { try checked($0, "post_processor") }
        additionalEndTokenIDs = try parts.additionalEndTokenIDs.compactMap {
            try checked($0, "eot_token_id")
        }
        chatTemplate = parts.chatTemplate
    }

    /// Refuses texts so long that tables of them would take gigabytes.
    private static func checkSizes(_ parts: Parts) throws {
        let size = parts.tokens.reduce(0) { $0 + $1.utf8.count }
        guard size <= 1 << 28 else {
            throw invalid(parts.vocabularyField, "has tokens of \(size) bytes in all, above 2^28")
        }
        // They are found by a trie, which takes some hundred times their size.
        let addedSize = parts.addedTokens.reduce(0) { $0 + $1.content.utf8.count }
        guard addedSize <= 1 << 22 else {
            throw invalid("added tokens", "have \(addedSize) bytes in all, above 2^22")
        }
    }

    /// Refuses tokens that the model has no embedding for; `nil` rows are not known.
    static func check(tokenCount: Int, embeddingRows: Int?) throws {
        guard let embeddingRows, tokenCount > embeddingRows else { return }
        throw HoneError(
            .vocabularyMismatch,
            "the tokenizer has \(tokenCount) tokens, but the model only \(embeddingRows) embedding "
                + "rows; use the tokenizer that belongs to the model",
            param: "tokenizer"
        )
    }

    static func invalid(_ field: String, _ problem: String) -> HoneError {
        HoneError(.invalidModelFile, "the tokenizer's \(field) \(problem)", param: field)
    }

    /// Turns merges of texts into merges of ids.
    private static func resolve(_ parts: Parts, _ table: WordTable) throws -> [TokenMerge] {
        var resolved: [TokenMerge] = []
        resolved.reserveCapacity(parts.merges.count)
        let bytes = parts.merges.bytes
        for rank in 0..<parts.merges.count {
            let (first, second) = parts.merges[rank]
            guard let left = table.id(of: bytes, first), let right = table.id(of: bytes, second),
                let result = table.id(of: bytes, first.lowerBound..<second.upperBound)
            else {
                let (first, second) = (
                    String(decoding: bytes[first], as: UTF8.self),
                    String(decoding: bytes[second], as: UTF8.self)
                )
                throw invalid(
                    "\(parts.mergesField)[\(rank)]",
                    "joins '\(first)' and '\(second)', but the vocabulary lacks one of these or "
                        + "what they make"
                )
            }
            resolved.append(TokenMerge(left: left, right: right, result: result))
        }
        return resolved
    }
}

extension TokenizerDefinition {
    /// The merges as GGUF and older Hugging Face files write them: two tokens and a space between.
    public var mergeStrings: [String] {
        merges.map { tokens[Int($0.left)] + " " + tokens[Int($0.right)] }
    }

    /// The name of the pre-tokenization rule in GGUF; `nil` where llama.cpp has none for it.
    public var ggufPreTokenizerName: String? {
        guard let name = preTokenization.ggufName else { return nil }
        // llama.cpp takes words whole for exactly one of two names with the same expression.
        return name == "llama-bpe" && !prefersWholeWords ? "smaug-bpe" : name
    }

    /// Whether a text starts with the begin token when special tokens are added.
    public var addsBeginToken: Bool {
        beginTokenID.map { prefixTokenIDs.first == $0 } ?? false
    }
}
