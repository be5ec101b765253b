/// What the stages made of one completion.
public struct StagedCompletion: Sendable, Hashable {
    /// The transformed reward; `nil` is unscored.
    public var reward: Double?
    /// One for each token; 0 for tokens that are not trained.
    public var advantages: [Double]
    /// The value head's targets, one for each token; `nil` without a value head.
    public var returns: [Double]?
    /// 0 for completions that are not learned from, else 1.
    public var weight: Double

    /// Whether it is learned from.
    public var isKept: Bool { weight > 0 }
}

/// What the stages made of an iteration.
public struct StageOutput: Sendable, Hashable {
    /// In the order of the input.
    public var groups: [[StagedCompletion]]
    /// By their contract names; what later iterations fold over is among them.
    public var metrics: [String: Double]
}
