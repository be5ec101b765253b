/// A token that might come next.
public struct LikelyToken: Sendable, Hashable {
    /// Its id.
    public var token: Int32
    /// Its natural-log probability at temperature 1.
    public var logprob: Float

    /// A token of this log-probability.
    public init(token: Int32, logprob: Float) {
        self.token = token
        self.logprob = logprob
    }
}
