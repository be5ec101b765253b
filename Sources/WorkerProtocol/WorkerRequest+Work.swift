public import Domain

// Requests to the model that is open.
extension WorkerRequest {
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

    /// A search for the likeliest completions in place of a draw.
    public struct Beam: Sendable, Hashable, Codable {
        /// Unfinished sequences that are followed at a time.
        public var width: Int
        /// The power of the length that a log-probability is divided by.
        public var lengthPenalty: Double
        /// A search of one width.
        public init(width: Int, lengthPenalty: Double) {
            self.width = width
            self.lengthPenalty = lengthPenalty
        }
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
        /// The reference's share in the geometric mixture that is drawn from: 0 is the policy, 1 the
        /// reference.
        public var mixture = 0.0
        /// Set to search for the likeliest completions in place of drawing them.
        public var beam: Beam?
        /// Whether tokens are told of as they are drawn, before the answer.
        public var reportsTokens = false
        /// How many of the likeliest tokens are told with each, 0 for its own log-probability alone;
        /// `nil`: no log-probabilities.
        public var reportedAlternatives: Int?
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

    /// Sequences to compute log-probabilities, or values, of.
    public struct Logprobs: Sendable, Codable {
        /// Whose numbers are meant: one of the two policies' log-probabilities, or the value head's
        /// estimates before each token is drawn.
        public enum Source: String, Sendable, Codable { case policy, reference, values }
        /// The policy in training, its reference, or its value head.
        public var source: Source
        /// The sequences; only completion tokens are given a number.
        public var groups: [SequenceGroup]
        /// Groups to score by one of the sources.
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
        /// The texts, each answered by one `ScoredText` in the same order.
        public var items: [ScoreItem]
        /// The texts of one request.
        public init(items: [ScoreItem]) { self.items = items }
    }

    /// Texts to compare within their groups.
    public struct Compare: Sendable, Codable {
        /// The groups, each answered by one square matrix in the same order.
        public var groups: [[ScoreItem]]
        /// The groups of one request.
        public init(groups: [[ScoreItem]]) { self.groups = groups }
    }

    /// What the head is fitted to.
    public typealias FitHead = HeadFitData<ScoreItem>

    /// One sequence of an update, by its place in `Update.groups` (group, completion).
    public struct TrainingSequence: Sendable, Codable {
        /// Index in `Update.groups`.
        public var group: Int
        /// Index in the group's completions.
        public var completion: Int
        /// Numbers for each token, by the objectives' names for them (`old_logprobs`, …) and `mask`.
        public var tokens: [String: Packed<Float>]
        /// Numbers of the whole sequence, by the objectives' names for them; a missing `reward` means
        /// unscored, which is not 0.
        public var scalars: [String: Double]
        /// What the sequence's loss is multiplied by.
        public var weight: Double
        /// Desirable or not, for unpaired objectives.
        public var label: Bool?
        /// The version that sampled it, when known: the same version must give the same numbers.
        public var policyVersion: Int?
        /// A sequence by its place, with what the objective needs to know of it.
        public init(
            group: Int = 0,
            completion: Int = 0,
            tokens: [String: Packed<Float>] = [:],
            scalars: [String: Double] = [:],
            weight: Double = 1,
            label: Bool? = nil,
            policyVersion: Int? = nil
        ) {
            self.group = group
            self.completion = completion
            self.tokens = tokens
            self.scalars = scalars
            self.weight = weight
            self.label = label
            self.policyVersion = policyVersion
        }
    }

    /// Two sequences by their index in `Update.sequences`, and perhaps a third.
    public struct TrainingPair: Sendable, Codable {
        /// Index of the sequence that won.
        public var chosen: Int
        /// Index of the sequence that lost.
        public var rejected: Int
        /// Index of the third completion: one to explore with, or a demonstration.
        public var third: Int?
        /// Reward of the chosen less that of the rejected.
        public var margin: Double?
        /// The probability that the chosen one is truly preferred.
        public var preferenceProbability: Double?
        /// What the pair's loss is multiplied by.
        public var weight: Double
        /// A winner and a loser.
        public init(
            chosen: Int,
            rejected: Int,
            third: Int? = nil,
            margin: Double? = nil,
            preferenceProbability: Double? = nil,
            weight: Double = 1
        ) {
            self.chosen = chosen
            self.rejected = rejected
            self.third = third
            self.margin = margin
            self.preferenceProbability = preferenceProbability
            self.weight = weight
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
        /// The learning rate of value heads and value models; `nil` is the policy's.
        public var valueLearningRate: Double?
        /// Whether the policy stays as it is, and the values alone learn.
        public var movesValuesOnly = false
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
