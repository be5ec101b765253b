// Tokenizers of new models, which no file describes yet.
extension TokenizerDefinition {
    /// A token for each byte, three special ones (padding, begin and end of a message), and merges of
    /// bytes that are frequent in `text`.
    ///
    /// - Parameters:
    ///   - text: UTF-8; empty: bytes only, 259 tokens.
    ///   - size: the most tokens; fewer when the text has fewer pairs that are met twice.
    /// - Returns: the definition, its special tokens first.
    /// - Throws: `invalidModelFile` when the parts do not fit, which would be a mistake here.
    public static func bytes(learningFrom text: [UInt8], vocabularySize size: Int) throws -> Self {
        let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        var trainer = BytePairTrainer(
            text: text,
            tokens: special + ByteAlphabet.scalars.map { String($0) }
        )
        trainer.learn(vocabularySize: size)
        var parts = parts(special: special, tokens: trainer.tokens)
        for merge in trainer.merges {
            parts.merges.append(left: merge.left.utf8, right: merge.right.utf8)
        }
        parts.chatTemplate =
            "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
            + "{{ message['content'] }}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
        return try TokenizerDefinition(checking: parts)
    }

    /// A token for each printable ASCII character, and three special ones: 98 tokens.
    ///
    /// Other characters have no token: they are left out of what is encoded.
    public static func printableASCII() throws -> Self {
        let special = ["<pad>", "<s>", "</s>"]
        let characters = ByteAlphabet.scalars[0x20...0x7E].map { String($0) }
        var parts = parts(special: special, tokens: special + characters)
        parts.chatTemplate =
            "{% for message in messages %}[{{ message['role'] }}:{{ message['content'] }}]"
            + "{% endfor %}{% if add_generation_prompt %}[assistant:{% endif %}"
        return try TokenizerDefinition(checking: parts)
    }

    /// Special tokens come first: padding, begin, end.
    private static func parts(special: [String], tokens: [String]) -> Parts {
        var parts = Parts()
        parts.tokens = tokens
        parts.tokenKinds = tokens.indices.map { $0 < special.count ? .control : .normal }
        parts.addedTokens = special.enumerated().map {
            AddedToken(id: Int32($0), content: $1)
        }
        (parts.paddingTokenID, parts.beginTokenID, parts.endTokenID) = (0, 1, 2)
        return parts
    }
}
