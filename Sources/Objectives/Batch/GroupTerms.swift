/// The completions sampled for one prompt, each with its reward (`nil` when unscored).
public struct GroupTerms: Sendable, Hashable {
    /// The completions, in sampling order.
    public var completions: [SequenceTerms]
    /// What the group's loss is multiplied by.
    public var weight: Double = 1

    /// A group of completions.
    public init(_ completions: [SequenceTerms]) { self.completions = completions }
}
