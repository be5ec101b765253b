public import Domain

/// A completion with everything training needs of it.
public struct RolloutObject: Sendable, Hashable, Codable {
    /// Where it is stored; absent when it is not.
    public var id: Int?
    /// The kind of object, for clients that meet it in a list.
    public var object = "rollout"
    /// The run that sampled it.
    public var run: String?
    /// Which iteration; 0 is before training.
    public var iteration: Int?
    /// `training`, `evaluation`, `request` or `data`.
    public var purpose: String?
    /// Place of its prompt in the request or iteration.
    public var promptIndex: Int
    /// Place in its prompt's group.
    public var sampleIndex: Int
    /// As it was given: text, messages or token ids.
    public var prompt: Value
    /// The completion without end token and stop string; a prefill is not repeated.
    public var text: String
    /// Token ids of the rendered prompt, prefill included.
    public var promptTokens: [Int32]
    /// Token ids of the completion, with the end token when one was drawn.
    public var tokens: [Int32]
    /// Per token, nat: the policy at temperature 1.
    public var logprobs: [Float]
    /// Per token, nat: after temperature and truncation.
    public var samplingLogprobs: [Float]
    /// Per token, nat: the reference policy.
    public var referenceLogprobs: [Float]?
    /// Optimizer steps behind the weights.
    public var policyVersion: Int
    /// Why it ended: `end_token`, `stop_string` or `length`.
    public var stopReason: String
    /// What each reward gave.
    public var scores: [ScoreObject]?
    /// The score the run learns from; null when unscored.
    public var reward: Double?
    /// Completions of its prompt that it was chosen from; absent when all are returned.
    public var candidates: Int?
    /// Share of the trials that were accepted for its prompt, with strategy `rejection`.
    public var acceptance: Double?
    /// Seconds since 1970.
    public var createdAt: Int?

    /// Makes one; fields that are not named here can be set after.
    public init(prompt: Prompt, rollout: Rollout, promptIndex: Int, sampleIndex: Int) {
        self.prompt = PromptInput.value(prompt)
        self.promptIndex = promptIndex
        self.sampleIndex = sampleIndex
        text = rollout.text
        promptTokens = rollout.promptTokens
        tokens = rollout.completionTokens
        logprobs = rollout.logprobs
        samplingLogprobs = rollout.samplingLogprobs
        referenceLogprobs = rollout.referenceLogprobs.isEmpty ? nil : rollout.referenceLogprobs
        policyVersion = rollout.policyVersion
        stopReason = rollout.stopReason.rawValue
    }

    private static let logprob = Schema.list(.number(NumericRange(-.infinity, 0)))
    private static let tokenList = Schema.list(.count)

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Rollout",
        .object([
            .optional("id", .count, "Its id when it is stored."),
            .required("object", .choice(["rollout"]), "Always `rollout`."),
            .optional("run", .string, "The run that sampled it."),
            .optional("iteration", .count, "The run's iteration; 0 is before training."),
            .optional(
                "purpose",
                .choice(["training", "evaluation", "request", "data", "gold"]),
                "Why it was made."
            ),
            .required("prompt_index", .count, "Place of its prompt."),
            .required("sample_index", .count, "Place in its prompt's group."),
            .required("prompt", PromptInput.schema, "The prompt as it was given."),
            .required("text", .string, "The completion without end token and stop string."),
            .required("prompt_tokens", tokenList, "Token ids of the rendered prompt."),
            .required("tokens", tokenList, "Token ids of the completion."),
            .required("logprobs", logprob, "Per token, nat: the policy at temperature 1."),
            .required("sampling_logprobs", logprob, "Per token, nat: what was drawn from."),
            .optional("reference_logprobs", logprob, "Per token, nat: the reference policy."),
            .required("policy_version", .count, "The version that sampled it."),
            .required(
                "stop_reason",
                .choice(StopReason.allCases.map { $0.rawValue }),
                "Why it ended."
            ),
            .optional("scores", .list(ScoreObject.schema), "What each reward gave."),
            .optional("reward", .number(.any), "The score the run learns from."),
            .optional("candidates", .count, "Completions of its prompt that it was chosen from."),
            .optional(
                "acceptance",
                .number(.unit),
                "Share of the trials that were accepted for its prompt (rejection)."
            ),
            .optional("created_at", .count, "Seconds since 1970."),
        ])
    )
}

/// A score with its parts.
///
/// Unscored is null, never 0.
public struct ScoreObject: Sendable, Hashable, Codable {
    /// The reward's name in a run.
    public var reward: String?
    /// Null when unscored or not finite.
    public var score: Double?
    /// The parts that were combined, by name; null where a part is unscored.
    public var components: [String: Double?]
    /// Absent: the reward does not know how sure it is.
    public var uncertainty: Double?
    /// Why it is unscored; absent when it is scored or nobody said.
    public var reason: String?
    /// The reward of each completion token; absent where the reward gives none.
    public var tokenRewards: [Float]?

    /// Makes one; fields that are not named here can be set after.
    public init(score: Double?, components: [String: Double?], reward: String? = nil) {
        self.reward = reward
        self.score = score.flatMap { $0.isFinite ? $0 : nil }
        self.components = components.mapValues { part in part.flatMap { $0.isFinite ? $0 : nil } }
    }

    private enum CodingKeys: String, CodingKey {
        case reward, score, components, uncertainty, reason, tokenRewards
    }

    /// Writes `score` and `uncertainty` as null when they are unknown, and no `reward` when absent.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(reward, forKey: .reward)
        try container.encode(score, forKey: .score)
        try container.encode(components, forKey: .components)
        try container.encode(uncertainty, forKey: .uncertainty)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(tokenRewards, forKey: .tokenRewards)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Score",
        .object([
            .optional("reward", .string, "The reward's name in a run."),
            .required("score", .nullable(.number(.any)), "Null means unscored, never 0."),
            .required(
                "components",
                .map(.nullable(.number(.any))),
                "The parts that were combined."
            ),
            .required("uncertainty", .nullable(.number(.nonNegative)), "Null means unknown."),
            .optional("reason", .string, "Why it is unscored."),
            .optional(
                "token_rewards",
                .list(.number(.any)),
                "The reward of each completion token, where the reward gives one."
            ),
        ])
    )
}
