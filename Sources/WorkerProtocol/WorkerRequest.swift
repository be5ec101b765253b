public import Domain

/// What a worker is asked to do. One request is one unit of work: done whole or redone.
public enum WorkerRequest: Sendable, Codable {
    /// Reads a GGUF file or a Hugging Face folder into a model folder. → `.imported`
    case importModel(ImportModel)
    /// Writes a model folder or checkpoint as `hf` or `gguf`. → `.done`
    case exportModel(ExportModel)
    /// Loads a policy (to sample, and to train when `training` is set). → `.opened`
    case openPolicy(OpenPolicy)
    /// Loads a reward model, or makes one to train. → `.opened`
    case openReward(OpenReward)
    /// Renders and tokenises. → `.encoded`
    case encode(Encode)
    /// Tokens to text. → `.decoded`
    case decode(Decode)
    /// Draws completions. → `.sampled`
    case sample(Sample)
    /// Per-token log-probabilities of given sequences. → `.logprobs`
    case logprobs(Logprobs)
    /// Rewards of texts from the open reward model. → `.scored`
    case score(Score)
    /// Fits the open reward model's head on its frozen backbone. → `.metrics`
    case fitHead(FitHead)
    /// One optimizer step. → `.updated`
    case update(Update)
    /// Writes weights, optimizer and tokenizer as a checkpoint folder. → `.done`
    case checkpoint(Checkpoint)
    /// What a policy or reward with this spec would take, without loading it. → `.planned`
    case plan(OpenPolicy)
    /// Ends the process after replying `.done`.
    case shutdown
}

extension WorkerRequest {
    public struct ImportModel: Sendable, Codable {
        /// A GGUF file, a Hugging Face folder or a `.safetensors` file.
        public var source: String
        /// The model folder to publish (it must not exist).
        public var destination: String
        public init(source: String, destination: String) {
            self.source = source
            self.destination = destination
        }
    }

    public struct ExportModel: Sendable, Codable {
        /// A model folder or checkpoint folder.
        public var source: String
        /// `hf` or `gguf`.
        public var format: String
        public var destination: String
        public init(source: String, format: String, destination: String) {
            self.source = source
            self.format = format
            self.destination = destination
        }
    }

    public struct OpenPolicy: Sendable, Codable {
        /// Folder with the base model.
        public var modelFolder: String
        /// Folder of a checkpoint to go on from (weights or adapter, optimizer, step).
        public var checkpointFolder: String?
        /// Set when updates will follow.
        public var training: TrainingPlan?
        /// Folder of the reference policy; `nil`: `modelFolder`.
        public var referenceFolder: String?
        /// The version that the loaded weights have.
        public var policyVersion: Int
        public init(
            modelFolder: String,
            checkpointFolder: String? = nil,
            training: TrainingPlan? = nil,
            referenceFolder: String? = nil,
            policyVersion: Int = 0
        ) {
            self.modelFolder = modelFolder
            self.checkpointFolder = checkpointFolder
            self.training = training
            self.referenceFolder = referenceFolder
            self.policyVersion = policyVersion
        }
    }

    /// Everything about training that does not change from step to step.
    public struct TrainingPlan: Sendable, Codable {
        public var trainable: TrainableSpec
        public var optimizer: OptimizerSpec
        public var activationMemoryBytes: Int
        public var seed: UInt64
        public init(
            trainable: TrainableSpec,
            optimizer: OptimizerSpec,
            activationMemoryBytes: Int,
            seed: UInt64
        ) {
            self.trainable = trainable
            self.optimizer = optimizer
            self.activationMemoryBytes = activationMemoryBytes
            self.seed = seed
        }
    }

    public struct OpenReward: Sendable, Codable {
        /// A trained reward model's folder, or a language model's to make one of.
        public var modelFolder: String
        public var checkpointFolder: String?
        /// Set to make a new reward model of a language model.
        public var rewardModel: RewardModelSpec?
        public var training: TrainingPlan?
        public init(
            modelFolder: String,
            checkpointFolder: String? = nil,
            rewardModel: RewardModelSpec? = nil,
            training: TrainingPlan? = nil
        ) {
            self.modelFolder = modelFolder
            self.checkpointFolder = checkpointFolder
            self.rewardModel = rewardModel
            self.training = training
        }
    }

    /// One text to tokenise.
    public struct EncodeItem: Sendable, Codable {
        public var prompt: Prompt
        /// The completion that follows; its own tokenisation, with the end token when `ends`.
        public var completion: String?
        public var ends: Bool
        public init(prompt: Prompt, completion: String? = nil, ends: Bool = false) {
            self.prompt = prompt
            self.completion = completion
            self.ends = ends
        }
    }

    public struct Encode: Sendable, Codable {
        public var items: [EncodeItem]
        /// Whether special tokens written out in `.text` are recognised.
        public var recognisesSpecialTokens: Bool
        public init(items: [EncodeItem], recognisesSpecialTokens: Bool = true) {
            self.items = items
            self.recognisesSpecialTokens = recognisesSpecialTokens
        }
    }

    public struct Decode: Sendable, Codable {
        public var sequences: [Packed<Int32>]
        public init(sequences: [Packed<Int32>]) { self.sequences = sequences }
    }

    public struct Sample: Sendable, Codable {
        public var prompts: [Prompt]
        /// For each prompt the number that its draws are seeded by; equal numbers, equal draws.
        public var promptStreams: [Int]
        public var groupSize: Int
        public var sampling: SamplingParameters
        public var seed: UInt64
        /// Also compute the reference policy's log-probabilities.
        public var includesReference: Bool
        public init(
            prompts: [Prompt],
            promptStreams: [Int],
            groupSize: Int,
            sampling: SamplingParameters,
            seed: UInt64,
            includesReference: Bool
        ) {
            self.prompts = prompts
            self.promptStreams = promptStreams
            self.groupSize = groupSize
            self.sampling = sampling
            self.seed = seed
            self.includesReference = includesReference
        }
    }

    /// A prompt's tokens and the completions that follow it.
    public struct SequenceGroup: Sendable, Codable {
        public var promptTokens: Packed<Int32>
        public var completions: [Packed<Int32>]
        public init(promptTokens: Packed<Int32>, completions: [Packed<Int32>]) {
            self.promptTokens = promptTokens
            self.completions = completions
        }
    }

    public struct Logprobs: Sendable, Codable {
        public enum Source: String, Sendable, Codable { case policy, reference }
        public var source: Source
        public var groups: [SequenceGroup]
        public init(source: Source, groups: [SequenceGroup]) {
            self.source = source
            self.groups = groups
        }
    }

    public struct ScoreItem: Sendable, Hashable, Codable {
        public var prompt: String
        /// The whole completion, prefill included.
        public var completion: String
        public init(prompt: String, completion: String) {
            self.prompt = prompt
            self.completion = completion
        }
    }

    public struct Score: Sendable, Codable {
        public var items: [ScoreItem]
        public init(items: [ScoreItem]) { self.items = items }
    }

    public struct FitHead: Sendable, Codable {
        public var items: [ScoreItem]
        /// One per item, for ridge regression; empty otherwise.
        public var ratings: [Double]
        /// Indices into `items`, for Bradley–Terry; empty otherwise.
        public var chosen: [Int]
        public var rejected: [Int]
        public init(items: [ScoreItem], ratings: [Double], chosen: [Int], rejected: [Int]) {
            self.items = items
            self.ratings = ratings
            self.chosen = chosen
            self.rejected = rejected
        }
    }

    /// One sequence of an update, by its place in `Update.groups` (group, completion).
    public struct TrainingSequence: Sendable, Codable {
        public var group: Int
        public var completion: Int
        public var referenceLogprobs: Packed<Float>?
        public var oldLogprobs: Packed<Float>?
        public var behaviorLogprobs: Packed<Float>?
        public var advantages: Packed<Float>?
        public var reward: Double?
        public var weight: Double
        /// Desirable or not, for unpaired objectives.
        public var label: Bool?
        /// The version that sampled it, when known: the same version must give the same numbers.
        public var policyVersion: Int?
        public init(
            group: Int,
            completion: Int,
            referenceLogprobs: Packed<Float>? = nil,
            oldLogprobs: Packed<Float>? = nil,
            behaviorLogprobs: Packed<Float>? = nil,
            advantages: Packed<Float>? = nil,
            reward: Double? = nil,
            weight: Double = 1,
            label: Bool? = nil,
            policyVersion: Int? = nil
        ) {
            self.policyVersion = policyVersion
            self.group = group
            self.completion = completion
            self.referenceLogprobs = referenceLogprobs
            self.oldLogprobs = oldLogprobs
            self.behaviorLogprobs = behaviorLogprobs
            self.advantages = advantages
            self.reward = reward
            self.weight = weight
            self.label = label
        }
    }

    /// Two sequences by their index in `Update.sequences`.
    public struct TrainingPair: Sendable, Codable {
        public var chosen: Int
        public var rejected: Int
        /// Reward of the chosen less that of the rejected.
        public var margin: Double?
        public init(chosen: Int, rejected: Int, margin: Double? = nil) {
            self.chosen = chosen
            self.rejected = rejected
            self.margin = margin
        }
    }

    /// One optimizer step on one minibatch.
    public struct Update: Sendable, Codable {
        public var objective: NamedParameters
        /// Prompts with their completions; sequences of one group share the prompt's computation.
        /// A reward model's training texts are whole in the completion, with an empty prompt.
        public var groups: [SequenceGroup]
        public var sequences: [TrainingSequence]
        /// Not empty for pairwise objectives.
        public var pairs: [TrainingPair]
        public var learningRate: Double
        /// The version that the policy must have before the step; another one is an error.
        public var expectedPolicyVersion: Int
        public init(
            objective: NamedParameters,
            groups: [SequenceGroup],
            sequences: [TrainingSequence],
            pairs: [TrainingPair],
            learningRate: Double,
            expectedPolicyVersion: Int
        ) {
            self.objective = objective
            self.groups = groups
            self.sequences = sequences
            self.pairs = pairs
            self.learningRate = learningRate
            self.expectedPolicyVersion = expectedPolicyVersion
        }
    }

    public struct Checkpoint: Sendable, Codable {
        /// The folder to publish; an existing one is replaced whole.
        public var destination: String
        /// Without it only weights, config and tokenizer are written (a published model).
        public var includesOptimizer: Bool
        /// What the scheduler wants kept in `state.json`.
        public var state: Value
        public init(destination: String, includesOptimizer: Bool, state: Value) {
            self.destination = destination
            self.includesOptimizer = includesOptimizer
            self.state = state
        }
    }
}
