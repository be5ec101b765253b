public import Domain

/// What a worker answers.
public enum WorkerReply: Sendable, Codable {
    case done
    case imported(ModelSummary)
    case opened(Opened)
    case planned(Planned)
    case encoded([Encoded])
    case decoded([String])
    /// For each prompt its group.
    case sampled([SampledGroup])
    /// For each group, for each completion, per-token log-probabilities (or values).
    case logprobs([[Packed<Float>]])
    /// For each group, for each completion, figures of each token.
    case measured([[TokenFigures]])
    /// One per item.
    case scored([ScoredText])
    /// For each group the matrix of P(i is better than j), by rows.
    case compared([[Packed<Float>]])
    case metrics([String: Double])
    case updated(Updated)
    case failed(HoneError)
}

extension WorkerReply {
    /// What is known of a model folder.
    public struct ModelSummary: Sendable, Codable {
        /// Shape and special tokens of the model.
        public var configuration: ModelConfiguration
        /// Number of weights, a scalar head not counted.
        public var parameterCount: Int
        /// Bytes of the model folder.
        public var byteCount: Int
        /// Whether the folder holds a reward model's head.
        public var isRewardModel: Bool
        /// What that head says of texts; `nil` for other models.
        public var rewardKind: RewardKind?
        /// Where the weights came from: `F32`, `Q4_1`, …: the most common type.
        public var sourceType: String
        /// The facts of one model folder.
        public init(
            configuration: ModelConfiguration,
            parameterCount: Int,
            byteCount: Int,
            isRewardModel: Bool,
            rewardKind: RewardKind? = nil,
            sourceType: String
        ) {
            self.rewardKind = rewardKind
            self.configuration = configuration
            self.parameterCount = parameterCount
            self.byteCount = byteCount
            self.isRewardModel = isRewardModel
            self.sourceType = sourceType
        }
    }

    /// What was opened, and where its training stands.
    public struct Opened: Sendable, Codable {
        /// The model that is open now.
        public var model: ModelSummary
        /// The version of the loaded weights, stamped on every completion.
        public var policyVersion: Int
        /// Optimizer steps done so far.
        public var step: Int
        /// The answer to an open request.
        public init(model: ModelSummary, policyVersion: Int, step: Int) {
            self.model = model
            self.policyVersion = policyVersion
            self.step = step
        }
    }

    /// What opening would take.
    public struct Planned: Sendable, Codable {
        /// Resident memory of the worker at its peak, bytes.
        public var memoryBytes: Int
        /// The part of `memoryBytes` that all workers share which map `weightsFolder`, bytes.
        public var sharedBytes: Int
        /// The folder whose weights are mapped: the model's own, or its base's.
        public var weightsFolder: String
        /// Size of one checkpoint with optimizer, bytes.
        public var checkpointBytes: Int
        /// Number of weights that training would change; 0 for a policy that is only run.
        public var trainableParameterCount: Int
        /// An estimate of memory and disk, made before anything is loaded.
        public init(
            memoryBytes: Int,
            sharedBytes: Int = 0,
            weightsFolder: String = "",
            checkpointBytes: Int,
            trainableParameterCount: Int
        ) {
            self.memoryBytes = memoryBytes
            self.sharedBytes = sharedBytes
            self.weightsFolder = weightsFolder
            self.checkpointBytes = checkpointBytes
            self.trainableParameterCount = trainableParameterCount
        }
    }

    /// The tokens of one text.
    public struct Encoded: Sendable, Codable {
        /// Tokens of the prompt.
        public var promptTokens: Packed<Int32>
        /// Tokens of the completion; empty when none was asked for.
        public var completionTokens: Packed<Int32>
        /// The prompt as rendered by the chat template.
        public var renderedPrompt: String
        /// Prompt and completion as the model reads them.
        public init(
            promptTokens: Packed<Int32>,
            completionTokens: Packed<Int32>,
            renderedPrompt: String
        ) {
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.renderedPrompt = renderedPrompt
        }
    }

    /// What a reward model says of one text.
    public struct ScoredText: Sendable, Hashable, Codable {
        /// The score; `nil` where the model gave no finite number: unscored, never 0.
        public var score: Double?
        /// What the score was made of: an ensemble's members, a text's attributes; empty where the
        /// model has one output, or without a score.
        public var outputs: [Double]
        /// Whether the outputs are members of an ensemble, which say how sure the score is.
        public var isEnsemble: Bool
        /// A score and its parts.
        public init(score: Double?, outputs: [Double] = [], isEnsemble: Bool = false) {
            self.score = score
            self.outputs = outputs
            self.isEnsemble = isEnsemble
        }
    }

    /// One drawn completion; log-probabilities are in nat, one a token.
    public struct SampledCompletion: Sendable, Codable {
        /// The drawn tokens, the end token included when one was drawn.
        public var tokens: Packed<Int32>
        /// The text without end token and stop string.
        public var text: String
        /// The policy at temperature 1.
        public var logprobs: Packed<Float>
        /// After temperature and truncation.
        public var samplingLogprobs: Packed<Float>
        /// Empty unless asked for.
        public var referenceLogprobs: Packed<Float>
        /// Why it ended there.
        public var stopReason: StopReason
        /// A completion as it was drawn.
        public init(
            tokens: Packed<Int32>,
            text: String,
            logprobs: Packed<Float>,
            samplingLogprobs: Packed<Float>,
            referenceLogprobs: Packed<Float>,
            stopReason: StopReason
        ) {
            self.tokens = tokens
            self.text = text
            self.logprobs = logprobs
            self.samplingLogprobs = samplingLogprobs
            self.referenceLogprobs = referenceLogprobs
            self.stopReason = stopReason
        }
    }

    /// All completions of one prompt.
    public struct SampledGroup: Sendable, Codable {
        /// Tokens of the rendered prompt, shared by the completions.
        public var promptTokens: Packed<Int32>
        /// The completions in the order of their sample numbers.
        public var completions: [SampledCompletion]
        /// The version of the policy that drew them.
        public var policyVersion: Int
        /// Prompt tokens that needed no computing: an earlier prompt began with them.
        public var cachedPromptTokens: Int
        /// A group drawn by one version of the policy.
        public init(
            promptTokens: Packed<Int32>,
            completions: [SampledCompletion],
            policyVersion: Int,
            cachedPromptTokens: Int = 0
        ) {
            self.cachedPromptTokens = cachedPromptTokens
            self.promptTokens = promptTokens
            self.completions = completions
            self.policyVersion = policyVersion
        }
    }

    /// What an optimizer step did.
    public struct Updated: Sendable, Codable {
        /// The version of the weights after the step.
        public var policyVersion: Int
        /// Optimizer steps done, this one included.
        public var step: Int
        /// By their contract names: `policy/loss`, `optimizer/gradient_norm`, ….
        public var metrics: [String: Double]
        /// The state after one optimizer step.
        public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
            self.policyVersion = policyVersion
            self.step = step
            self.metrics = metrics
        }
    }
}
