/// One token of a request for completions, told as soon as it is drawn.
public struct DrawnToken: Sendable, Hashable, Codable {
    /// Place of its prompt in the request.
    public var prompt: Int
    /// Its completion's number in the prompt's group.
    public var sample: Int
    /// Its place in the completion.
    public var place: Int
    /// Its id.
    public var token: Int32
    /// What it added to the completion's text; empty while a character or a stop string may go on.
    public var text: String
    /// What the model thought of it; `nil` unless asked for.
    public var likelihood: Likelihood?

    /// How likely a token was, and which others were likely in its place.
    public struct Likelihood: Sendable, Hashable, Codable {
        /// A token that might have come.
        public struct Alternative: Sendable, Hashable, Codable {
            /// Its id.
            public var token: Int32
            /// Its own text.
            public var name: String
            /// Log-probability at temperature 1, nat.
            public var logprob: Float

            /// A token of this log-probability.
            public init(token: Int32, name: String, logprob: Float) {
                self.token = token
                self.name = name
                self.logprob = logprob
            }
        }

        /// The token's own text; U+FFFD where it is a part of a character.
        public var name: String
        /// Log-probability at temperature 1 without penalty or truncation, nat.
        public var logprob: Float
        /// The likeliest tokens in its place, the likeliest first.
        public var alternatives: [Alternative]

        /// A token's log-probability and that of others.
        public init(name: String, logprob: Float, alternatives: [Alternative]) {
            self.name = name
            self.logprob = logprob
            self.alternatives = alternatives
        }
    }

    /// A token of its content.
    public init(
        prompt: Int,
        sample: Int,
        place: Int,
        token: Int32,
        text: String,
        likelihood: Likelihood? = nil
    ) {
        self.prompt = prompt
        self.sample = sample
        self.place = place
        self.token = token
        self.text = text
        self.likelihood = likelihood
    }
}
