import Domain
public import Foundation

extension TokenizerDefinition {
    /// Reads the tokenizer of a Hugging Face folder.
    ///
    /// - Parameters:
    ///   - tokenizerJSON: `tokenizer.json`
    ///   - configJSON: `tokenizer_config.json`: special tokens and the chat template
    ///   - specialTokensMapJSON: `special_tokens_map.json`: special tokens the config leaves out
    ///   - chatTemplate: `chat_template.jinja`, which goes before the config's template
    ///   - embeddingRows: how many tokens the model can have, where that is known
    /// - Throws: `invalidModelFile` naming the field at fault; `unsupportedModel` for a component
    ///   whose ids could not be reproduced; `vocabularyMismatch` for more tokens than rows.
    public init(
        tokenizerJSON: Data,
        configJSON: Data? = nil,
        specialTokensMapJSON: Data? = nil,
        chatTemplate: String? = nil,
        embeddingRows: Int? = nil
    ) throws {
        let text = try HuggingFaceTokenizerText(tokenizerJSON)
        let file = try Self.decode(
            HuggingFaceTokenizerFile.self,
            text.rest,
            HuggingFaceTokenizerText.name
        )
        let config = try configJSON.map {
            try Self.decode(HuggingFaceTokenizerConfig.self, $0, "tokenizer_config.json")
        }
        let map = try specialTokensMapJSON.map {
            try Self.decode(HuggingFaceTokenizerConfig.self, $0, "special_tokens_map.json")
        }
        try HuggingFaceComponents.refuseUnsupported(file)
        var parts = Parts()
        try Self.readVocabulary(text, file.added_tokens ?? [], embeddingRows, into: &parts)
        parts.merges = text.merges
        parts.preTokenization = try HuggingFaceComponents.preTokenization(file)
        parts.prefersWholeWords = file.model.ignore_merges ?? false
        try Self.readSpecialTokens(file, [config, map].compactMap { $0 }, into: &parts)
        parts.chatTemplate = chatTemplate ?? config?.chat_template?.content
        try self.init(checking: parts)
        try checkRepeats(text)
    }

    private static func decode<File: Decodable>(
        _ type: File.Type,
        _ data: Data,
        _ name: String
    ) throws -> File {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch DecodingError.keyNotFound(let key, let context) {
            let path = (context.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            throw invalid("\(name) field \(path)", "is missing")
        } catch DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw invalid(
                "\(name) field \(path)",
                "is of the wrong kind: \(context.debugDescription)"
            )
        } catch {
            throw invalid(name, "is no JSON; fetch the file again")
        }
    }

    /// Refuses a vocabulary that gives one token two ids.
    private func checkRepeats(_ text: HuggingFaceTokenizerText) throws {
        // An added token may say a text again; only then is it worth looking.
        guard spellings.hasRepeats else { return }
        var seen: Set<[UInt8]> = []
        for (content, _) in text.vocabulary where !seen.insert(Array(content.utf8)).inserted {
            throw Self.invalid("model.vocab", "gives '\(content)' more than one id")
        }
    }

    private static func readVocabulary(
        _ text: HuggingFaceTokenizerText,
        _ added: [HuggingFaceTokenizerFile.Added],
        _ embeddingRows: Int?,
        into parts: inout Parts
    ) throws {
        let greatest = max(text.vocabulary.lazy.map(\.id).max() ?? -1, added.map(\.id).max() ?? -1)
        let tokenCount = greatest < Int.max ? greatest + 1 : greatest
        try check(tokenCount: tokenCount, embeddingRows: embeddingRows)
        var tokens: [String?] = Array(repeating: nil, count: text.vocabulary.count + added.count)
        func place(_ content: String, _ id: Int, _ field: String) throws {
            guard tokens.indices.contains(id) else {
                throw invalid(
                    field,
                    "gives '\(content)' the id \(id), which leaves ids without token"
                )
            }
            if let other = tokens[id], !other.utf8.elementsEqual(content.utf8) {
                throw invalid(field, "gives both '\(other)' and '\(content)' the id \(id)")
            }
            tokens[id] = content
        }
        for (content, id) in text.vocabulary { try place(content, id, "model.vocab") }
        guard tokens.count(where: { $0 != nil }) == text.vocabulary.count else {
            throw invalid("model.vocab", "gives a token twice")
        }
        for token in added { try place(token.content, token.id, "added_tokens") }
        while let last = tokens.last, last == nil { tokens.removeLast() }
        parts.tokens = try tokens.enumerated().map { id, token in
            guard let token else { throw invalid("model.vocab", "has no token with the id \(id)") }
            return token
        }
        parts.tokenKinds = Array(repeating: .normal, count: parts.tokens.count)
        parts.addedTokens = added.map(AddedToken.init(file:))
        for token in parts.addedTokens {
            parts.tokenKinds[Int(token.id)] = token.isSpecial ? .control : .userDefined
        }
    }

    private static func readSpecialTokens(
        _ file: HuggingFaceTokenizerFile,
        _ sources: [HuggingFaceTokenizerConfig],
        into parts: inout Parts
    ) throws {
        let tokens = parts.tokens
        let added = parts.addedTokens
        func id(_ field: String, _ name: String?) throws -> Int? {
            guard let name else { return nil }
            if let token = added.first(where: { $0.content == name }) { return Int(token.id) }
            guard let id = tokens.firstIndex(of: name) else {
                throw invalid(field, "is '\(name)', which is not in the vocabulary")
            }
            return id
        }
        func find(
            _ name: KeyPath<HuggingFaceTokenizerConfig, HuggingFaceTokenizerConfig.Token?>
        )
            -> String?
        {
            sources.lazy.compactMap { $0[keyPath: name]?.content }.first
        }
        parts.beginTokenID = try id("bos_token", find(\.bos_token))
        parts.endTokenID = try id("eos_token", find(\.eos_token))
        parts.paddingTokenID = try id("pad_token", find(\.pad_token))
        parts.emitsUnknownToken = file.model.unk_token != nil
        parts.unknownTokenID = try id("unk_token", file.model.unk_token ?? find(\.unk_token))
        let around = try HuggingFaceComponents.template(file)
        parts.prefixTokenIDs = around?.prefix ?? []
        parts.suffixTokenIDs = around?.suffix ?? []
        guard around == nil else { return }
        if sources.first?.add_bos_token == true {
            parts.prefixTokenIDs = [parts.beginTokenID].compactMap { $0 }
        }
        if sources.first?.add_eos_token == true {
            parts.suffixTokenIDs = [parts.endTokenID].compactMap { $0 }
        }
    }
}

extension AddedToken {
    fileprivate init(file: HuggingFaceTokenizerFile.Added) {
        let isSpecial = file.special ?? false
        self.init(
            id: Int32(truncatingIfNeeded: file.id),
            content: file.content,
            isSpecial: isSpecial,
            stripsLeft: file.lstrip ?? false,
            stripsRight: file.rstrip ?? false,
            isNormalized: file.normalized ?? !isSpecial,
            isSingleWord: file.single_word ?? false
        )
    }
}
