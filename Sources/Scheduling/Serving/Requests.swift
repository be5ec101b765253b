public import Domain

/// Which weights an API request is about.
public enum ServedModel: Sendable, Hashable {
    /// A model's name, or `RUN@ITERATION`.
    case model(String)
    /// A run's id or name: its newest checkpoint, or its start when it has none yet.
    case run(String)
}

/// Completions asked for by a client.
public struct SampleRequest: Sendable {
    /// The weights that sample.
    public var model: ServedModel
    /// What to complete; each gives one group, in this order.
    public var prompts: [Prompt]
    /// Completions of each prompt.
    public var groupSize: Int
    /// How completions are drawn.
    public var sampling: SamplingParameters
    /// How they are chosen.
    public var strategy: SamplingStrategy
    /// What they are chosen by, as written; for strategies that do.
    public var reward: Value?
    /// Equal seeds, prompts and weights give equal completions.
    public var seed: UInt64
    /// Also compute log-probabilities under the model that the weights were trained from.
    public var includesReference: Bool
    /// Whether the rollouts are kept in the store and get ids.
    public var stores: Bool
    /// With tokens that are told of as they are drawn: how many of the likeliest in their place are
    /// named, 0 for their own log-probabilities alone; `nil`: none.
    public var reportedAlternatives: Int?

    /// A request for one unstored completion of each prompt, unless said otherwise.
    public init(
        model: ServedModel,
        prompts: [Prompt],
        groupSize: Int = 1,
        sampling: SamplingParameters = SamplingParameters(),
        strategy: SamplingStrategy = .sample,
        reward: Value? = nil,
        seed: UInt64 = 0,
        includesReference: Bool = false,
        stores: Bool = false
    ) {
        self.model = model
        self.prompts = prompts
        self.groupSize = groupSize
        self.sampling = sampling
        self.strategy = strategy
        self.reward = reward
        self.seed = seed
        self.includesReference = includesReference
        self.stores = stores
    }
}

/// The completions of one prompt.
public struct RolloutGroup: Sendable, Hashable {
    /// What the completions answer.
    public var prompt: Prompt
    /// The completions, in the order they were drawn.
    public var rollouts: [Rollout]
    /// Ids in the store, in the order of `rollouts`; empty when they were not stored.
    public var ids: [Int]
    /// What they were chosen by, in the order of `rollouts`; empty when all are there.
    public var results: [RewardResult] = []
    /// Completions that they were chosen from; `nil` when all are there.
    public var candidates: Int?
    /// Share of the trials that were accepted; `nil` where nothing is tried.
    public var acceptance: Double?

    /// A group; without `ids` it counts as not stored.
    public init(prompt: Prompt, rollouts: [Rollout], ids: [Int] = []) {
        self.prompt = prompt
        self.rollouts = rollouts
        self.ids = ids
    }
}

/// One sequence whose per-token log-probabilities are asked for.
public struct LogprobItem: Sendable, Hashable {
    /// What comes first.
    public var prompt: Prompt
    /// Follows the prompt, tokenised on its own; `nil`: the prompt is the whole sequence.
    public var completion: String?

    /// An item; without a completion the prompt is the whole sequence.
    public init(prompt: Prompt, completion: String? = nil) {
        self.prompt = prompt
        self.completion = completion
    }
}

/// Log-probabilities of one whole sequence.
public struct SequenceLogprobs: Sendable, Hashable {
    /// Token ids of prompt and completion, end to end.
    public var tokens: [Int32]
    /// `logprobs[i]`, nat: of `tokens[i]` given all before it; `nil` for the first.
    public var logprobs: [Float?]
    /// Tokens of the prompt.
    public var promptLength: Int

    /// Log-probabilities, one for each token; the first is `nil`.
    public init(tokens: [Int32], logprobs: [Float?], promptLength: Int) {
        self.tokens = tokens
        self.logprobs = logprobs
        self.promptLength = promptLength
    }
}

/// One text to score.
public struct RewardItem: Sendable, Hashable {
    /// What the completion answers, as text.
    public var prompt: String
    /// The whole completion, prefill included.
    public var completion: String
    /// The other fields of the prompt's record, for graders; an empty object when there are none.
    public var item: Value

    /// An item; rewards see exactly these texts.
    public init(prompt: String, completion: String, item: Value = .object([:])) {
        self.prompt = prompt
        self.completion = completion
        self.item = item
    }
}

/// The score of one text.
public struct RewardResult: Sendable, Hashable {
    /// `nil` means unscored, never 0.
    public var score: Double?
    /// The parts that were combined, by name.
    public var components: [String: Double?]
    /// How sure the score is, where the reward knows: the deviation over an ensemble's members.
    public var uncertainty: Double?
    /// Why it is unscored; `nil` when it is scored.
    public var reason: String?
    /// The reward of each token, where the reward gives one; else empty.
    public var tokenRewards: [Float]

    /// A result; without `components` only the whole is known.
    public init(
        score: Double?,
        components: [String: Double?] = [:],
        uncertainty: Double? = nil,
        reason: String? = nil,
        tokenRewards: [Float] = []
    ) {
        self.tokenRewards = tokenRewards
        self.score = score
        self.components = components
        self.uncertainty = uncertainty
        self.reason = reason
    }
}

/// One text to tokenise.
public struct EncodingItem: Sendable, Hashable {
    /// What comes first, rendered by the chat template when it is a conversation.
    public var prompt: Prompt
    /// Follows the prompt, tokenised on its own; `nil`: there is none.
    public var completion: String?

    /// An item; without a completion only the prompt is tokenised.
    public init(prompt: Prompt, completion: String? = nil) {
        self.prompt = prompt
        self.completion = completion
    }
}

/// Tokens of one text.
public struct Encoding: Sendable, Hashable {
    /// Token ids of the rendered prompt.
    public var promptTokens: [Int32]
    /// Empty without a completion.
    public var completionTokens: [Int32]
    /// The prompt as rendered by the chat template.
    public var renderedPrompt: String

    /// The tokens of one item, with the text that the prompt's came from.
    public init(promptTokens: [Int32], completionTokens: [Int32], renderedPrompt: String) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.renderedPrompt = renderedPrompt
    }
}
