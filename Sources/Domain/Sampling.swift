/// How the weights that completions are drawn with are stored.
///
/// Fewer bytes are read faster, and are a little another policy than the one that learns.
public enum SamplingWeights: String, Sendable, Hashable, Codable, CaseIterable {
    /// As they are.
    case float32
    /// Rounded to 8 bits of mantissa.
    case bfloat16
    /// 8-bit integers with a scale for every 32 weights.
    case int8
}

/// How completions are drawn.
public struct SamplingParameters: Sendable, Hashable, Codable {
    /// 0 means greedy.
    public var temperature: Double
    /// The temperatures that a group's completions are dealt to in even blocks, the first samples to
    /// the first of them; `nil`: all are drawn at `temperature`.
    public var temperatures: [Double]?
    /// Keep the k most likely tokens; 0 keeps all.
    public var topK: Int
    /// Keep the smallest set of tokens with at least this probability; 1 keeps all.
    public var topP: Double
    /// Keep tokens at least this many times as likely as the likeliest; 0 keeps all.
    public var minP: Double
    /// The most tokens of one completion.
    public var maxTokens: Int
    /// A completion ends before the first of these texts.
    public var stop: [String]
    /// The weights that are drawn with; `nil` is `float32`.
    ///
    /// With others, `Rollout.logprobs` are still those of the policy itself, computed afterwards;
    /// `Rollout.samplingLogprobs` are those that were drawn from.
    public var weights: SamplingWeights?
    /// Further tokens that end a completion, as end tokens do; `nil`: none.
    public var stopTokens: [Int32]?
    /// Whether the model's own end tokens end nothing; `nil`: they do.
    public var ignoresEndTokens: Bool?
    /// What positive logits of tokens of prompt and completion are divided by, and others multiplied
    /// by, before temperature; `nil`: neither.
    ///
    /// `Rollout.logprobs` stay the policy's own; `Rollout.samplingLogprobs` are those after it.
    public var repetitionPenalty: Double?

    /// Parameters that leave the model's own distribution as it is, unless told otherwise.
    public init(
        temperature: Double = 1,
        topK: Int = 0,
        topP: Double = 1,
        minP: Double = 0,
        maxTokens: Int = 64,
        stop: [String] = [],
        weights: SamplingWeights? = nil
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
        self.stop = stop
        self.weights = weights
    }
}

extension SamplingParameters {
    /// What the completion with number `sample`, from 0, of a group of `count` is drawn at.
    public func temperature(ofSample sample: Int, among count: Int) -> Double {
        guard let temperatures, !temperatures.isEmpty, (0..<count).contains(sample) else {
            return temperature
        }
        return temperatures[sample * temperatures.count / count]
    }

    /// The same at `temperature` alone, for whatever is not a policy's group to learn from.
    public var atOneTemperature: SamplingParameters {
        var parameters = self
        parameters.temperatures = nil
        return parameters
    }
}

/// What sampling has done since its policy was opened, and what it keeps for requests to come.
public struct SamplingCounts: Sendable, Hashable, Codable {
    /// Forward passes.
    public var steps = 0
    /// Tokens drawn.
    public var drawnTokens = 0
    /// Tokens of prompts, each prompt once for its group.
    public var promptTokens = 0
    /// Those of them that needed no computing: an earlier prompt began with them.
    public var cachedPromptTokens = 0
    /// Prompts of which some tokens needed none.
    public var prefixHits = 0
    /// Keys and values kept of earlier prompts, bytes.
    public var prefixCacheBytes = 0
    /// Keys and values that had to make room for others so far, bytes.
    public var prefixCacheEvictedBytes = 0

    /// Nothing done yet.
    public init() {}
}

/// Why a completion ended.
public enum StopReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// The model drew an end token.
    case endToken = "end_token"
    /// A stop string appeared.
    case stopString = "stop_string"
    /// `maxTokens` or the context was reached.
    case length
}

/// One sampled completion with everything training needs of it: tokens in, tokens out.
public struct Rollout: Sendable, Hashable, Codable {
    /// Rendered prompt tokens, prefill included.
    public var promptTokens: [Int32]
    /// Sampled tokens, the end token included when one was drawn.
    public var completionTokens: [Int32]
    /// The sampled text, without end token and stop string; the prefill is not repeated.
    public var text: String
    /// Per completion token, nat: the policy at temperature 1 without truncation.
    public var logprobs: [Float]
    /// Per completion token, nat: after temperature and truncation, what was drawn from.
    public var samplingLogprobs: [Float]
    /// Per completion token, nat: the reference policy; empty when not computed.
    public var referenceLogprobs: [Float]
    /// The policy version that sampled it.
    public var policyVersion: Int
    /// Why sampling ended there.
    public var stopReason: StopReason

    /// A rollout; log-probabilities are one a completion token, the reference's may be left out.
    public init(
        promptTokens: [Int32],
        completionTokens: [Int32],
        text: String,
        logprobs: [Float],
        samplingLogprobs: [Float],
        referenceLogprobs: [Float] = [],
        policyVersion: Int,
        stopReason: StopReason
    ) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.text = text
        self.logprobs = logprobs
        self.samplingLogprobs = samplingLogprobs
        self.referenceLogprobs = referenceLogprobs
        self.policyVersion = policyVersion
        self.stopReason = stopReason
    }
}
