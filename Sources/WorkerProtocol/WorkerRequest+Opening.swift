public import Domain

// Requests about whole models: their files, their memory, opening them.
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

    /// A model to make, and where it goes.
    public struct CreateModel: Sendable, Codable {
        /// Its sizes, tokenizer and seed.
        public var model: NewModel
        /// The folder of the model whose tokenizer it shares; `nil` for one of its own.
        public var tokenizerFolder: String?
        /// The model folder to publish (it must not exist).
        public var destination: String
        /// All paths are on the worker's machine.
        public init(model: NewModel, tokenizerFolder: String?, destination: String) {
            self.model = model
            self.tokenizerFolder = tokenizerFolder
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
        /// Folders of the models that are distilled from, as `OpenPolicy` has them.
        public var teacherFolders: [String]
        /// A policy, or whatever the folder holds, that is opened for this work.
        public init(
            modelFolder: String,
            rewardModel: RewardModelSpec? = nil,
            training: TrainingPlan? = nil,
            workload: Workload? = nil,
            teacherFolders: [String] = []
        ) {
            self.modelFolder = modelFolder
            self.rewardModel = rewardModel
            self.training = training
            self.workload = workload
            self.teacherFolders = teacherFolders
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
        /// Whether steps run the reference beside the policy.
        public var comparesReference = false
        /// Whether steps first score completions under other prompts, with policy and reference.
        public var scoresMismatched = false
        /// Whether the reference has weights of its own, which follow the policy's.
        public var movesReference = false
        /// Completions of each sampled prompt that the opponent draws.
        public var opponentCount = 0
        /// The reference's share in the opponent.
        public var opponentMixture = 0.0
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

    /// Models whose weights are averaged into one.
    public struct Soup: Sendable, Codable {
        /// The models' folders, all of one shape.
        public var folders: [String]
        /// The share of each; they sum to 1.
        public var shares: [Double]
        /// The model folder to publish; an existing one is replaced whole.
        public var destination: String
        /// The mean of `folders` at `destination`.
        public init(folders: [String], shares: [Double], destination: String) {
            self.folders = folders
            self.shares = shares
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
        /// Whether there is a reference policy at all.
        public var usesReference = true
        /// Set for a reference that follows the policy: the share it keeps of itself at a step.
        public var referenceDecay: Double?
        /// The version that the loaded weights have.
        public var policyVersion: Int
        /// Folders of the models that are distilled from: none, a teacher, or a teacher and the
        /// contrast that its logits are extrapolated away from.
        public var teacherFolders: [String]
        /// A base model to sample from; give `training` to update it too.
        public init(
            modelFolder: String,
            checkpointFolder: String? = nil,
            training: TrainingPlan? = nil,
            referenceFolder: String? = nil,
            policyVersion: Int = 0,
            teacherFolders: [String] = []
        ) {
            self.modelFolder = modelFolder
            self.checkpointFolder = checkpointFolder
            self.training = training
            self.referenceFolder = referenceFolder
            self.policyVersion = policyVersion
            self.teacherFolders = teacherFolders
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
        /// Seeds a new head's weights, and what each member of an ensemble learns from.
        public var seed: UInt64?
        /// A reward model to score with; give `training` to update it too.
        public init(
            modelFolder: String,
            checkpointFolder: String? = nil,
            rewardModel: RewardModelSpec? = nil,
            training: TrainingPlan? = nil,
            seed: UInt64? = nil
        ) {
            self.seed = seed
            self.modelFolder = modelFolder
            self.checkpointFolder = checkpointFolder
            self.rewardModel = rewardModel
            self.training = training
        }
    }
}
