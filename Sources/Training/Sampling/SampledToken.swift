public import Kernels

/// One token of a request that wants to see what is drawn as it is drawn.
public struct SampledToken: Sendable, Hashable {
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
    /// Log-probability at temperature 1 without penalty or truncation, nat.
    public var logprob: Float
    /// The likeliest tokens in its place, the likeliest first; empty unless asked for.
    public var alternatives: [LikelyToken]
}
