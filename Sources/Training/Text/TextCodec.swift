public import Domain
import Foundation
import ModelFiles
public import Tokenizers

/// Text to tokens and back for one model: its tokenizer and its chat template.
public struct TextCodec: Sendable {
    /// The model's byte-level BPE tokenizer.
    public let tokenizer: ByteLevelBPETokenizer
    /// Tokens that end a completion: the tokenizer's and the configuration's.
    public let endTokens: Set<Int32>
    private let template: ChatTemplate?

    init(_ source: ModelSource) throws {
        guard let files = source.tokenizer else {
            throw HoneError(
                .invalidModelFile,
                "\(source.path) has no tokenizer; put tokenizer.json beside the weights",
                param: source.path
            )
        }
        do {
            let definition = try Self.definition(files, source.configuration.vocabularySize)
            tokenizer = ByteLevelBPETokenizer(definition)
            template = try definition.chatTemplate.map { try ChatTemplate($0) }
        } catch let error as HoneError {
            // The tokenizer knows its fields, but not the model they belong to.
            throw HoneError(error.code, "\(source.path): \(error.message)", param: error.param)
        }
        endTokens = tokenizer.endTokenIDs.union(source.configuration.endTokenIDs.map { Int32($0) })
    }

    /// The text of a model that has no files yet.
    init(_ definition: TokenizerDefinition) throws {
        tokenizer = ByteLevelBPETokenizer(definition)
        template = try definition.chatTemplate.map { try ChatTemplate($0) }
        endTokens = tokenizer.endTokenIDs
    }

    private static func definition(
        _ source: TokenizerSource,
        _ embeddingRows: Int
    ) throws -> TokenizerDefinition {
        switch source {
        case .huggingFace(let files):
            return try TokenizerDefinition(
                tokenizerJSON: files.tokenizer,
                configJSON: files.configuration,
                specialTokensMapJSON: files.specialTokens,
                chatTemplate: files.chatTemplate.map { String(decoding: $0, as: UTF8.self) },
                embeddingRows: embeddingRows
            )
        case .gguf(let fields):
            var metadata = TokenizerDefinition.GGUFMetadata(
                model: fields.model,
                tokens: fields.tokens,
                merges: fields.merges,
                tokenTypes: fields.types
            )
            metadata.preTokenizerName = fields.preTokenizer
            metadata.beginTokenID = fields.beginTokenID
            metadata.endTokenID = fields.endTokenID
            metadata.paddingTokenID = fields.padTokenID
            metadata.unknownTokenID = fields.unknownTokenID
            metadata.additionalEndTokenIDs = fields.endOfTurnTokenID.map { [$0] } ?? []
            metadata.addsBeginToken = fields.addsBegin
            metadata.addsEndToken = fields.addsEnd
            metadata.chatTemplate = fields.chatTemplate
            return try TokenizerDefinition(gguf: metadata, embeddingRows: embeddingRows)
        }
    }

    /// The rendered text of a prompt; `nil` for token prompts.
    public func render(_ prompt: Prompt) throws -> String? {
        switch prompt {
        case .tokens: return nil
        case .text(let text): return text
        case .messages(var messages):
            guard let template else {
                throw HoneError(
                    .invalidRequest,
                    "the model has no chat template; send the prompt as text",
                    param: "messages"
                )
            }
            guard !messages.isEmpty else {
                throw HoneError(.invalidRequest, "messages must not be empty", param: "messages")
            }
            // A last turn by the assistant is left open and continued.
            let open = messages.last?.role == "assistant" ? messages.removeLast().content : ""
            return try template.render(
                messages: messages,
                addGenerationPrompt: true,
                bosToken: spelling(tokenizer.beginTokenID),
                eosToken: spelling(tokenizer.definition.endTokenID)
            ) + open
        }
    }

    private func spelling(_ token: Int32?) -> String {
        token.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) } ?? ""
    }

    /// The tokens of a prompt.
    ///
    /// Special tokens in text are recognised, none are added.
    public func encode(_ prompt: Prompt) throws -> [Int32] {
        if case .tokens(let tokens) = prompt {
            try check(tokens)
            return tokens
        }
        return tokenizer.encode(try render(prompt) ?? "", recognisingSpecialTokens: true)
    }

    /// The tokens of raw text; special tokens written out in it are recognised or are just characters.
    public func encode(text: String, recognisingSpecialTokens: Bool) -> [Int32] {
        tokenizer.encode(text, recognisingSpecialTokens: recognisingSpecialTokens)
    }

    /// The text of tokens, special ones written out; ids that the vocabulary lacks are left out.
    public func decode(_ tokens: [Int32]) -> String {
        tokenizer.decode(tokens, skippingSpecialTokens: false)
    }

    /// Refuses ids that the vocabulary lacks.
    ///
    /// - Throws: `invalidRequest` naming the first of them and the vocabulary's size.
    public func check(_ tokens: [Int32]) throws(HoneError) {
        let size = tokenizer.vocabularySize
        for token in tokens where token < 0 || Int(token) >= size {
            throw HoneError(
                .invalidRequest,
                "token \(token) is outside the vocabulary of \(size), whose ids are 0 to \(size - 1)",
                param: "tokens"
            )
        }
    }

    /// The tokens of a completion, with the end token when the answer `ends`.
    public func encode(completion: String, ends: Bool) -> [Int32] {
        let tokens = tokenizer.encode(completion, recognisingSpecialTokens: true)
        guard ends, let end = tokenizer.definition.endTokenID ?? endTokens.min() else {
            return tokens
        }
        return tokens + [end]
    }
}
