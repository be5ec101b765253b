/// Tokens, some of which are asked about in the light of those before them.
public struct TokenSequence: Sendable, Hashable {
    /// What comes first; not empty.
    public var prompt: [Int32]
    /// What is asked about.
    public var completion: [Int32]

    /// Tokens end to end.
    public init(prompt: [Int32], completion: [Int32]) {
        self.prompt = prompt
        self.completion = completion
    }
}

/// A token that might have come in the place of another.
public struct TokenAlternative: Sendable, Hashable {
    /// Its id.
    public var token: Int32
    /// Its log-probability at temperature 1, nat.
    public var logprob: Float

    /// A token of this log-probability.
    public init(token: Int32, logprob: Float) {
        self.token = token
        self.logprob = logprob
    }
}
