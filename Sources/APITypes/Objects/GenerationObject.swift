public import Domain

/// The reply of `POST /v1/completions` or `POST /v1/chat/completions`, whole or in chunks.
public struct GenerationObject: Sendable, Hashable {
    /// Which of the two shapes.
    public enum Shape: Sendable, Hashable { case completion, chat }

    /// The shape it is written in.
    public var shape: Shape
    /// What the reply is called; the same in every chunk.
    public var id: String
    /// Seconds since 1970.
    public var created: Int
    /// The model as the client named it.
    public var model: String
    /// Changes when the weights change.
    public var fingerprint: String?
    /// Whether log-probabilities are told.
    public var showsLogprobs = false
    /// Whether token ids are told.
    public var showsTokenIDs = false
    /// Whether log-probabilities name tokens `token_id:N`.
    public var namesTokensByID = false
    /// Whether chunks have the field `usage`, null in all but the last.
    public var countsInStream = false

    /// The head of a reply; fields that are not named here can be set after.
    public init(shape: Shape, id: String, created: Int, model: String) {
        self.shape = shape
        self.id = id
        self.created = created
        self.model = model
    }

    // MARK: Whole

    /// The whole reply.
    public func whole(_ choices: [DrawnChoice], usage: TokenUsage) -> Value {
        var fields = head(shape == .chat ? "chat.completion" : "text_completion")
        fields["choices"] = .array(choices.map(whole))
        fields["usage"] = usage.value
        if shape == .chat, showsTokenIDs, let first = choices.first {
            fields["prompt_token_ids"] = Self.list(first.promptTokens)
        }
        return .object(fields)
    }

    private func whole(_ choice: DrawnChoice) -> Value {
        var fields: [String: Value] = [
            "index": .integer(choice.index), "finish_reason": .string(choice.finishReason),
            "logprobs": logprobs(choice.tokens[...]),
        ]
        switch shape {
        case .completion:
            fields["text"] = .string(choice.text)
            if showsTokenIDs { fields["prompt_token_ids"] = Self.list(choice.promptTokens) }
        case .chat:
            fields["message"] = [
                "role": "assistant", "content": .string(choice.text), "refusal": .null,
            ]
        }
        if showsTokenIDs { fields["token_ids"] = Self.list(choice.completionTokens) }
        return .object(fields)
    }

    private func head(_ object: String) -> [String: Value] {
        [
            "id": .string(id), "object": .string(object), "created": .integer(created),
            "model": .string(model), "system_fingerprint": fingerprint.map { .string($0) } ?? .null,
        ]
    }

    private static func list(_ tokens: [Int32]) -> Value {
        .array(tokens.map { .integer(Int($0)) })
    }

    // MARK: Chunks

    /// What comes before the pieces of a choice.
    public func opening(_ choice: DrawnChoice) -> Value? {
        guard shape == .chat else { return nil }
        return chunk(choice, delta: ["role": "assistant", "content": ""], isFirst: true)
    }

    /// One piece of a choice; `isFirst` is of a completion that nothing was sent of.
    public func chunk(
        _ choice: DrawnChoice,
        _ piece: DrawnChoice.Piece,
        isFirst: Bool
    ) -> Value {
        chunk(
            choice,
            piece,
            delta: ["content": .string(piece.text)],
            isFirst: shape == .completion && isFirst
        )
    }

    /// Why a choice ended; `isFirst` as in `chunk`.
    public func ending(_ choice: DrawnChoice, isFirst: Bool) -> Value {
        chunk(choice, delta: [:], isFirst: shape == .completion && isFirst, isLast: true)
    }

    /// The chunk that counts the tokens.
    public func last(_ usage: TokenUsage) -> Value {
        var fields = head(chunkObject)
        fields["choices"] = []
        fields["usage"] = usage.value
        return .object(fields)
    }

    private var chunkObject: String {
        shape == .chat ? "chat.completion.chunk" : "text_completion"
    }

    private func chunk(
        _ choice: DrawnChoice,
        _ piece: DrawnChoice.Piece? = nil,
        delta: Value,
        isFirst: Bool,
        isLast: Bool = false
    ) -> Value {
        let tokens = choice.tokens[piece?.tokens ?? 0..<0]
        var fields: [String: Value] = [
            "index": .integer(choice.index),
            "finish_reason": isLast ? .string(choice.finishReason) : .null,
            "logprobs": piece == nil ? .null : logprobs(tokens),
        ]
        if shape == .chat {
            fields["delta"] = delta
        } else {
            fields["text"] = delta["content"] ?? ""
        }
        var whole = head(chunkObject)
        if showsTokenIDs {
            if piece != nil { fields["token_ids"] = Self.list(tokens.map(\.id)) }
            if isFirst {
                let ids = Self.list(choice.promptTokens)
                if shape == .chat {
                    whole["prompt_token_ids"] = ids
                } else {
                    fields["prompt_token_ids"] = ids
                }
            }
        }
        whole["choices"] = [.object(fields)]
        if countsInStream { whole["usage"] = .null }
        return .object(whole)
    }

    // MARK: Log-probabilities

    private func logprobs(_ tokens: ArraySlice<DrawnChoice.Token>) -> Value {
        guard showsLogprobs else { return .null }
        switch shape {
        case .completion: return completionLogprobs(tokens)
        case .chat:
            let content = tokens.map { token in
                entry(token.id, token.text, token.logprob).merged([
                    "top_logprobs": .array(
                        token.alternatives.map { .object(entry($0.id, $0.text, $0.logprob)) }
                    )
                ])
            }
            return ["content": .array(content), "refusal": .null]
        }
    }

    private func completionLogprobs(_ tokens: ArraySlice<DrawnChoice.Token>) -> Value {
        [
            "tokens": .array(tokens.map { .string(name($0.id, $0.text)) }),
            "token_logprobs": .array(tokens.map { $0.logprob.map(Self.number) ?? .null }),
            "top_logprobs": .array(tokens.map(top)),
            "text_offset": .array(tokens.map { .integer($0.offset) }),
        ]
    }

    private func top(_ token: DrawnChoice.Token) -> Value {
        guard !token.alternatives.isEmpty, let logprob = token.logprob else { return .null }
        let found = token.alternatives.map { (name($0.id, $0.text), Self.number($0.logprob)) }
        // The token itself is always told, as OpenAI does.
        let own = [(name(token.id, token.text), Self.number(logprob))]
        return .object(Dictionary(found + own) { first, _ in first })
    }

    /// A token's text; its id where it is a part of a character and has none of its own.
    private func name(_ id: Int32, _ text: String) -> String {
        namesTokensByID || !Self.isWhole(text) ? "token_id:\(id)" : text
    }

    private static func isWhole(_ text: String) -> Bool {
        !text.unicodeScalars.contains("\u{FFFD}")
    }

    private func entry(_ id: Int32, _ text: String, _ logprob: Float?) -> [String: Value] {
        [
            "token": .string(name(id, text)),
            "logprob": logprob.map(Self.number) ?? .null,
            "bytes": Self.isWhole(text) ? .array(text.utf8.map { .integer(Int($0)) }) : .null,
        ]
    }

    /// JSON has no infinity; −9999 stands for "impossible", as OpenAI has it.
    private static func number(_ logprob: Float) -> Value {
        .number(logprob.isFinite ? max(Double(logprob), -9999) : -9999)
    }
}

extension [String: Value] {
    fileprivate func merged(_ fields: [String: Value]) -> Value {
        .object(merging(fields) { $1 })
    }
}
