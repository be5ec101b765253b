/// How much the bearer of one token may ask for; what is absent is not limited.
public struct TokenLimits: Sendable, Hashable, Codable {
    /// Requests in a minute.
    public var requestsPerMinute: Int?
    /// Requests for completions or scores that are answered at the same time.
    public var concurrentGenerations: Int?
    /// Tokens of prompts and completions in a minute.
    public var tokensPerMinute: Int?

    /// Limits; none unless said.
    public init(
        requestsPerMinute: Int? = nil,
        concurrentGenerations: Int? = nil,
        tokensPerMinute: Int? = nil
    ) {
        self.requestsPerMinute = requestsPerMinute
        self.concurrentGenerations = concurrentGenerations
        self.tokensPerMinute = tokensPerMinute
    }

    /// These limits, and those of `other` where nothing is said here.
    public func filled(from other: TokenLimits) -> TokenLimits {
        TokenLimits(
            requestsPerMinute: requestsPerMinute ?? other.requestsPerMinute,
            concurrentGenerations: concurrentGenerations ?? other.concurrentGenerations,
            tokensPerMinute: tokensPerMinute ?? other.tokensPerMinute
        )
    }
}
