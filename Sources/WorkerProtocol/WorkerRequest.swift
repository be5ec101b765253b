public import Domain

/// What a worker is asked to do.
///
/// One request is one unit of work: done whole or redone.
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
    /// Writes the open policy's weights for another process to map. → `.done`
    case snapshot(Snapshot)
    /// What a policy or reward with this spec would take, without loading it. → `.planned`
    case plan(Plan)
    /// Ends the process after replying `.done`.
    case shutdown
}

extension WorkerRequest {
    /// Where a model is read from and where it goes.
    public struct ImportModel: Sendable, Codable {
        /// A GGUF file, a Hugging Face folder or a `.safetensors` file.
        public var source: String
        /// The model folder to publish (it must not exist).
        public var destination: String
        /// Both are paths on the worker's machine.
        public init(source: String, destination: String) {
            self.source = source
            self.destination = destination
        }
    }

    /// Which model's memory is asked about, and what it will do.
    public struct Plan: Sendable, Codable {
        /// Folder with the model.
        public var modelFolder: String
        /// Set for a reward model in training; the head and the layers that are kept.
        public var rewardModel: RewardModelSpec?
        /// Set when updates will follow.
        public var training: TrainingPlan?
        /// How much is done at once; `nil` when nobody knows.
        public var workload: Workload?
        /// A policy, or whatever the folder holds, that is opened for this work.
        public init(
            modelFolder: String,
            rewardModel: RewardModelSpec? = nil,
            training: TrainingPlan? = nil,
            workload: Workload? = nil
        ) {
            self.modelFolder = modelFolder
            self.rewardModel = rewardModel
            self.training = training
            self.workload = workload
        }
    }

    /// The largest work that is done at once.
    public struct Workload: Sendable, Hashable, Codable {
        /// The longest prompts that are sampled from together; empty when none are.
        public var prompts: [Prompt] = []
        /// Completions of each of them.
        public var groupSize = 1
        /// The most tokens of a completion.
        public var maxTokens = 0
        /// Completions of each sampled prompt that are learned from together.
        public var trainedCompletions = 0
        /// The longest elements of the data: each the texts that stay together in a step.
        public var elements: [[EncodeItem]] = []
        /// Elements, sampled or of the data, of one step.
        public var elementsPerStep = 1
        /// Whether the reference policy scores what is learned from.
        public var usesReference = true
        /// No work yet.
        public init() {}
    }

    /// Which model is written, how and where.
    public struct ExportModel: Sendable, Codable {
        /// A model folder or checkpoint folder.
        public var source: String
        /// `hf` or `gguf`.
        public var format: String
        /// The file (`gguf`) or folder (`hf`) to write.
        public var destination: String
        /// An export of `source` to `destination`.
        public init(source: String, format: String, destination: String) {
            self.source = source
            self.format = format
            self.destination = destination
        }
    }

    /// Which policy is loaded, and what for.
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
        /// A base model to sample from; give `training` to update it too.
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
        /// Which weights are trained.
        public var trainable: TrainableSpec
        /// AdamW's settings; the learning rate itself comes with each update.
        public var optimizer: OptimizerSpec
        /// Memory one microbatch's activations may take, bytes.
        public var activationMemoryBytes: Int
        /// Seeds the fresh adapters.
        public var seed: UInt64
        /// A plan that holds from the first step to the last.
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

    /// Which reward model is loaded, and what for.
    public struct OpenReward: Sendable, Codable {
        /// A trained reward model's folder, or a language model's to make one of.
        public var modelFolder: String
        /// Folder of a reward model's checkpoint to go on from.
        public var checkpointFolder: String?
        /// Set to make a new reward model of a language model.
        public var rewardModel: RewardModelSpec?
        /// Set when gradient steps will follow.
        public var training: TrainingPlan?
        /// A reward model to score with; give `training` to update it too.
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
    public struct EncodeItem: Sendable, Hashable, Codable {
        /// The prompt, still to be rendered and tokenised.
        public var prompt: Prompt
        /// The completion that follows; its own tokenisation, with the end token when `ends`.
        public var completion: String?
        /// Whether the completion is a finished answer, which the end token follows.
        public var ends: Bool
        /// A prompt, with or without its completion.
        public init(prompt: Prompt, completion: String? = nil, ends: Bool = false) {
            self.prompt = prompt
            self.completion = completion
            self.ends = ends
        }
    }

    /// Texts to tokenise.
    public struct Encode: Sendable, Codable {
        /// The texts, each answered by one `Encoded` in the same order.
        public var items: [EncodeItem]
        /// Whether special tokens written out in `.text` are recognised.
        public var recognisesSpecialTokens: Bool
        /// Texts whose special tokens are recognised unless told otherwise.
        public init(items: [EncodeItem], recognisesSpecialTokens: Bool = true) {
            self.items = items
            self.recognisesSpecialTokens = recognisesSpecialTokens
        }
    }

    /// Token sequences to turn into text.
    public struct Decode: Sendable, Codable {
        /// The sequences, each answered by one text in the same order.
        public var sequences: [Packed<Int32>]
        /// The sequences of one request.
        public init(sequences: [Packed<Int32>]) { self.sequences = sequences }
    }

    /// What to draw completions of.
    public struct Sample: Sendable, Codable {
        /// The prompts, each answered by one group in the same order.
        public var prompts: [Prompt]
        /// For each prompt the number that its draws are seeded by; equal numbers, equal draws.
        public var promptStreams: [Int]
        /// Completions of each prompt.
        public var groupSize: Int
        /// Temperature, truncation, length and stop strings.
        public var sampling: SamplingParameters
        /// Seeds the draws together with stream, sample number and token position.
        public var seed: UInt64
        /// Also compute the reference policy's log-probabilities.
        public var includesReference: Bool
        /// A draw that is repeated exactly by an equal request on equal weights.
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
        /// Tokens of the rendered prompt.
        public var promptTokens: Packed<Int32>
        /// Tokens of each completion.
        public var completions: [Packed<Int32>]
        /// One prompt with everything that continues it.
        public init(promptTokens: Packed<Int32>, completions: [Packed<Int32>]) {
            self.promptTokens = promptTokens
            self.completions = completions
        }
    }

    /// Sequences to compute log-probabilities of.
    public struct Logprobs: Sendable, Codable {
        /// Whose log-probabilities are meant.
        public enum Source: String, Sendable, Codable { case policy, reference }
        /// The policy in training or its reference.
        public var source: Source
        /// The sequences; only completion tokens are given a log-probability.
        public var groups: [SequenceGroup]
        /// Groups to score under one of the two policies.
        public init(source: Source, groups: [SequenceGroup]) {
            self.source = source
            self.groups = groups
        }
    }

    /// A text for the reward model.
    public struct ScoreItem: Sendable, Hashable, Codable {
        /// The prompt as text.
        public var prompt: String
        /// The whole completion, prefill included.
        public var completion: String
        /// A completion in the light of its prompt.
        public init(prompt: String, completion: String) {
            self.prompt = prompt
            self.completion = completion
        }
    }

    /// Texts to score.
    public struct Score: Sendable, Codable {
        /// The texts, each answered by one number in the same order.
        public var items: [ScoreItem]
        /// The texts of one request.
        public init(items: [ScoreItem]) { self.items = items }
    }

    /// What the head is fitted to.
    public struct FitHead: Sendable, Codable {
        /// The texts; their features are computed once.
        public var items: [ScoreItem]
        /// One per item, for ridge regression; empty otherwise.
        public var ratings: [Double]
        /// Indices into `items`, for Bradley–Terry; empty otherwise.
        public var chosen: [Int]
        /// Indices into `items` that lost against `chosen` at the same place.
        public var rejected: [Int]
        /// Texts with either a rating each or pairs among them.
        public init(items: [ScoreItem], ratings: [Double], chosen: [Int], rejected: [Int]) {
            self.items = items
            self.ratings = ratings
            self.chosen = chosen
            self.rejected = rejected
        }
    }

    /// One sequence of an update, by its place in `Update.groups` (group, completion).
    public struct TrainingSequence: Sendable, Codable {
        /// Index in `Update.groups`.
        public var group: Int
        /// Index in the group's completions.
        public var completion: Int
        /// Under the frozen reference policy, nat, one a token.
        public var referenceLogprobs: Packed<Float>?
        /// Under the policy at the start of the update or of the iteration, nat, one a token.
        public var oldLogprobs: Packed<Float>?
        /// As computed while sampling, after temperature and truncation, nat, one a token.
        public var behaviorLogprobs: Packed<Float>?
        /// How much better than expected each token was, one a token.
        public var advantages: Packed<Float>?
        /// The shaped reward; `nil` means unscored, which is not 0.
        public var reward: Double?
        /// What the sequence's loss is multiplied by.
        public var weight: Double
        /// Desirable or not, for unpaired objectives.
        public var label: Bool?
        /// The version that sampled it, when known: the same version must give the same numbers.
        public var policyVersion: Int?
        /// A sequence by its place, with what the objective needs to know of it.
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
        /// Index of the sequence that won.
        public var chosen: Int
        /// Index of the sequence that lost.
        public var rejected: Int
        /// Reward of the chosen less that of the rejected.
        public var margin: Double?
        /// A winner and a loser.
        public init(chosen: Int, rejected: Int, margin: Double? = nil) {
            self.chosen = chosen
            self.rejected = rejected
            self.margin = margin
        }
    }

    /// One optimizer step on one minibatch.
    public struct Update: Sendable, Codable {
        /// The loss, by its catalogue name, with its parameters.
        public var objective: NamedParameters
        /// Prompts with their completions; sequences of one group share the prompt's computation.
        ///
        /// A reward model's training texts are whole in the completion, with an empty prompt.
        public var groups: [SequenceGroup]
        /// Every sequence that the loss looks at.
        public var sequences: [TrainingSequence]
        /// Not empty for pairwise objectives.
        public var pairs: [TrainingPair]
        /// The learning rate of this step, warm-up and schedule applied.
        public var learningRate: Double
        /// The version that the policy must have before the step; another one is an error.
        public var expectedPolicyVersion: Int
        /// A minibatch for the policy of one version.
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

    /// What is written of the open session, and where.
    public struct Checkpoint: Sendable, Codable {
        /// The folder to publish; an existing one is replaced whole.
        public var destination: String
        /// Without it only weights, config and tokenizer are written (a published model).
        public var includesOptimizer: Bool
        /// What the scheduler wants kept in `state.json`.
        public var state: Value
        /// A checkpoint to go on from, or without the optimizer a model to publish.
        public init(destination: String, includesOptimizer: Bool, state: Value) {
            self.destination = destination
            self.includesOptimizer = includesOptimizer
            self.state = state
        }
    }
}
