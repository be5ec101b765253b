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
    /// For each group, for each completion, per-token log-probabilities.
    case logprobs([[Packed<Float>]])
    /// One per item; `nil` where the model gave no finite number: unscored, never 0.
    case scored([Double?])
    case metrics([String: Double])
    case updated(Updated)
    case failed(HoneError)
}

extension WorkerReply {
    /// What is known of a model folder.
    public struct ModelSummary: Sendable, Codable {
        public var configuration: ModelConfiguration
        public var parameterCount: Int
        /// Bytes of the model folder.
        public var byteCount: Int
        /// Whether the folder holds a scalar head.
        public var isRewardModel: Bool
        /// Where the weights came from: `F32`, `Q4_1`, …: the most common type.
        public var sourceType: String
        public init(
            configuration: ModelConfiguration,
            parameterCount: Int,
            byteCount: Int,
            isRewardModel: Bool,
            sourceType: String
        ) {
            self.configuration = configuration
            self.parameterCount = parameterCount
            self.byteCount = byteCount
            self.isRewardModel = isRewardModel
            self.sourceType = sourceType
        }
    }

    public struct Opened: Sendable, Codable {
        public var model: ModelSummary
        public var policyVersion: Int
        /// Optimizer steps done so far.
        public var step: Int
        public init(model: ModelSummary, policyVersion: Int, step: Int) {
            self.model = model
            self.policyVersion = policyVersion
            self.step = step
        }
    }

    /// What opening would take.
    public struct Planned: Sendable, Codable {
        public var memoryBytes: Int
        public var checkpointBytes: Int
        public var trainableParameterCount: Int
        public init(memoryBytes: Int, checkpointBytes: Int, trainableParameterCount: Int) {
            self.memoryBytes = memoryBytes
            self.checkpointBytes = checkpointBytes
            self.trainableParameterCount = trainableParameterCount
        }
    }

    public struct Encoded: Sendable, Codable {
        public var promptTokens: Packed<Int32>
        public var completionTokens: Packed<Int32>
        /// The prompt as rendered by the chat template.
        public var renderedPrompt: String
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

    public struct SampledCompletion: Sendable, Codable {
        public var tokens: Packed<Int32>
        public var text: String
        /// The policy at temperature 1.
        public var logprobs: Packed<Float>
        /// After temperature and truncation.
        public var samplingLogprobs: Packed<Float>
        /// Empty unless asked for.
        public var referenceLogprobs: Packed<Float>
        public var stopReason: StopReason
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

    public struct SampledGroup: Sendable, Codable {
        public var promptTokens: Packed<Int32>
        public var completions: [SampledCompletion]
        public var policyVersion: Int
        public init(
            promptTokens: Packed<Int32>,
            completions: [SampledCompletion],
            policyVersion: Int
        ) {
            self.promptTokens = promptTokens
            self.completions = completions
            self.policyVersion = policyVersion
        }
    }

    public struct Updated: Sendable, Codable {
        public var policyVersion: Int
        public var step: Int
        /// By their contract names: `policy/loss`, `optimizer/gradient_norm`, ….
        public var metrics: [String: Double]
        public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
            self.policyVersion = policyVersion
            self.step = step
            self.metrics = metrics
        }
    }
}
