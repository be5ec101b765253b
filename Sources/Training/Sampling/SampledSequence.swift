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
    /// Why it ended there.
    public var stopReason = StopReason.length
}

/// What to draw: prompts as tokens, a group for each.
public struct SampleRequest: Sendable {
    /// The tokens of each prompt; none may be empty.
    public var prompts: [[Int32]]
    /// What each prompt's draws are seeded by.
    public var streams: [Int]
    /// Completions of each prompt.
    public var groupSize: Int
    /// Temperature, truncation, length and stop strings.
    public var parameters: SamplingParameters
    /// Seeds the draws together with stream, sample number and token position.
    public var seed: UInt64
    /// The reference's share in the geometric mixture that is drawn from: 0 is the policy, 1 the
    /// reference.
    public var mixture = 0.0
    /// Whether `SamplingJob.takeReports` tells of each token.
    public var reportsTokens = false
    /// How many of the likeliest tokens in its place each report has.
    public var reportedAlternatives = 0

    /// A draw of `groupSize` completions a prompt; `streams` has one number for each prompt.
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

extension SampleRequest {
    /// Refuses what cannot be drawn.
    func check(context: Int) throws(HoneError) {
        guard groupSize > 0 else {
            throw HoneError(
                .invalidRequest,
                "\(groupSize) completions a prompt: ask for at least one",
                param: "group_size"
            )
        }
        guard (0...1).contains(mixture) else {
            throw HoneError(
                .invalidRequest,
                "the reference's share in a mixture is from 0 to 1, not \(mixture)",
                param: "mixture"
            )
        }
        guard streams.count == prompts.count else {
            throw HoneError(
                .invalidRequest,
                "\(streams.count) streams for \(prompts.count) prompts: each prompt needs one",
                param: "prompt_streams"
            )
        }
        for (index, prompt) in prompts.enumerated() {
            guard !prompt.isEmpty else {
                throw HoneError(
                    .invalidRequest,
                    "prompt \(index) is empty",
                    param: "prompts[\(index)]"
                )
            }
            guard prompt.count < context else {
                throw HoneError(
                    .promptTooLong,
                    "prompt \(index) has \(prompt.count) tokens; the model's context of \(context) "
                        + "leaves no room for a completion: shorten it",
                    param: "prompts[\(index)]"
                )
            }
        }
    }
}
