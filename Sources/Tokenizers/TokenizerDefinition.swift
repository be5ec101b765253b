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
        var merges: [(left: String, right: String)] = []
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
        merges = try Self.resolve(parts)
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

    static func invalid(_ field: String, _ problem: String) -> HoneError {
        HoneError(.invalidModelFile, "The tokenizer's \(field) \(problem)", param: field)
    }

    /// Turns merges of texts into merges of ids.
    private static func resolve(_ parts: Parts) throws -> [TokenMerge] {
        let table = WordTable(parts.tokens.map { Array($0.utf8) })
        var resolved: [TokenMerge] = []
        resolved.reserveCapacity(parts.merges.count)
        var joined: [UInt8] = []
        for (rank, merge) in parts.merges.enumerated() {
            joined.removeAll(keepingCapacity: true)
            joined.append(contentsOf: merge.left.utf8)
            let middle = joined.count
            joined.append(contentsOf: merge.right.utf8)
            guard let left = table.id(of: joined, 0..<middle),
                let right = table.id(of: joined, middle..<joined.count),
                let result = table.id(of: joined, 0..<joined.count)
            else {
                throw invalid(
                    "\(parts.mergesField)[\(rank)]",
                    "joins '\(merge.left)' and '\(merge.right)', but the vocabulary lacks one of "
                        + "these or what they make"
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
