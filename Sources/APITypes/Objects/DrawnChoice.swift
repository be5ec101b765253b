public import Domain

/// One choice of a completion or chat before it is written in either's shape.
public struct DrawnChoice: Sendable, Hashable {
    /// A token and what the model thought of it.
    public struct Token: Sendable, Hashable {
        /// Its id.
        public var id: Int32
        /// Its own text; U+FFFD where it is a part of a character.
        public var text: String
        /// Log-probability at temperature 1, nat; `nil` for the first token of a prompt.
        public var logprob: Float?
        /// The likeliest tokens in its place, the likeliest first; empty unless asked for.
        public var alternatives: [Alternative]
        /// Where its text begins in the choice's text, Unicode scalars.
        public var offset = 0

        /// A token without alternatives unless given.
        public init(
            id: Int32,
            text: String,
            logprob: Float?,
            alternatives: [Alternative] = []
        ) {
            self.id = id
            self.text = text
            self.logprob = logprob
            self.alternatives = alternatives
        }
    }

    /// A token that might have come.
    public struct Alternative: Sendable, Hashable {
        /// Its id.
        public var id: Int32
        /// Its own text.
        public var text: String
        /// Log-probability at temperature 1, nat.
        public var logprob: Float

        /// A token of this log-probability.
        public init(id: Int32, text: String, logprob: Float) {
            self.id = id
            self.text = text
            self.logprob = logprob
        }
    }

    /// A part of the text that is whole characters, and the tokens that it is made of.
    public struct Piece: Sendable, Hashable {
        /// May be empty: an end token has none.
        public var text: String
        /// Places in `tokens`.
        public var tokens: Range<Int>

        /// The text of some tokens.
        public init(text: String, tokens: Range<Int>) {
            self.text = text
            self.tokens = tokens
        }
    }

    /// Its place in the reply.
    public var index: Int
    /// What is shown: the prompt's text too when it is echoed.
    public var text: String
    /// Why it ended.
    public var stopReason: StopReason
    /// Tokens of its prompt.
    public var promptTokens: [Int32]
    /// Tokens that were drawn, the end token included.
    public var completionTokens: [Int32]
    /// The tokens of `text`, then an end token; the prompt's too when it is echoed.
    public var tokens: [Token]
    /// `text` in parts, as a stream sends it.
    public var pieces: [Piece]

    /// A choice of its content.
    public init(
        index: Int,
        text: String,
        stopReason: StopReason,
        promptTokens: [Int32],
        completionTokens: [Int32],
        tokens: [Token] = [],
        pieces: [Piece] = []
    ) {
        self.index = index
        self.text = text
        self.stopReason = stopReason
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.tokens = tokens
        self.pieces = pieces
    }

    /// OpenAI's word for why it ended.
    public var finishReason: String { stopReason == .length ? "length" : "stop" }
}

/// How many tokens a reply took.
public struct TokenUsage: Sendable, Hashable {
    /// Tokens of the prompts, each once.
    public var promptTokens: Int
    /// Tokens drawn, also for completions that were not returned.
    public var completionTokens: Int

    /// Counts of both.
    public init(promptTokens: Int, completionTokens: Int) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }

    var value: Value {
        [
            "prompt_tokens": .integer(promptTokens),
            "completion_tokens": .integer(completionTokens),
            "total_tokens": .integer(promptTokens + completionTokens),
        ]
    }

    static let schema = Schema.named(
        "Usage",
        .object([
            .required("prompt_tokens", .count, "Tokens of the prompts."),
            .required("completion_tokens", .count, "Tokens drawn."),
            .required("total_tokens", .count, "Both."),
        ])
    )
}
