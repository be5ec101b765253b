public import Domain

/// One drawn completion.
public struct SampledSequence: Sendable {
    /// The end token included when one was drawn.
    public var tokens: [Int32] = []
    /// Without end token and stop string.
    public var text = ""
    /// The policy at temperature 1, nat.
    public var logprobs: [Float] = []
    /// After temperature and truncation, nat.
    public var samplingLogprobs: [Float] = []
    /// Empty unless asked for.
    public var referenceLogprobs: [Float] = []
    public var stopReason = StopReason.length
}

/// What to draw: prompts as tokens, a group for each.
public struct SampleRequest: Sendable {
    public var prompts: [[Int32]]
    /// What each prompt's draws are seeded by.
    public var streams: [Int]
    public var groupSize: Int
    public var parameters: SamplingParameters
    public var seed: UInt64

    public init(
        prompts: [[Int32]],
        streams: [Int],
        groupSize: Int,
        parameters: SamplingParameters,
        seed: UInt64
    ) {
        self.prompts = prompts
        self.streams = streams
        self.groupSize = groupSize
        self.parameters = parameters
        self.seed = seed
    }
}
