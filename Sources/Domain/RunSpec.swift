/// One training job as its owner asked for it, defaults filled in.
///
/// `APITypes` reads it from JSON and lists every fault; `Scheduling` checks it against what is there.
public struct RunSpec: Sendable, Hashable, Codable {
    /// The name the user gave; the result gets it too unless `publishAs` differs.
    public var name: String
    /// What the run does, and so which of the fields below it reads.
    public var kind: RunKind
    /// The model to start from: an imported model's name or `RUN@ITERATION`.
    public var model: String
    /// Prompts of an online run.
    public var prompts: DataSource?
    /// Pairs, groups, sequences, ratings or demonstrations of the other kinds.
    public var data: DataSource?
    /// The loss, by its catalogue name, with its parameters.
    public var objective: NamedParameters
    /// Models that the objective distils from: none, a teacher, or a teacher and the contrast that it
    /// is moved away from.
    @EmptyIfAbsent public var teachers: [String]
    /// The reward as written: `{"name":"…", …}`.
    public var reward: Value?
    /// What becomes of completions without a score; `nil` is `drop`.
    public var unscored: UnscoredRule?
    /// Where verdicts come from; `nil`: the reward decides.
    public var feedback: FeedbackSpec?
    /// How rewards become advantages, by its catalogue name; `nil`: as the objective's paper does.
    public var advantage: NamedParameters?
    /// What lies between rewards and advantages; `nil`: as the objective's paper has it.
    public var stages: StageSpec?
    /// How completions are drawn.
    public var sampling: SamplingParameters
    /// Completions drawn for one prompt.
    public var groupSize: Int
    /// How the completions of one group become pairs, for objectives that learn from pairs.
    public var pairing: PairingSpec
    /// Replaces groups that filters have emptied by further prompts; `nil` lets the batch get smaller.
    public var refill: RefillSpec?
    /// What is learned from beside the iteration's own completions; `nil`: nothing.
    public var mix: MixSpec?
    /// The order of prompts and pairs; `nil` shuffles both.
    public var curriculum: CurriculumSpec?
    /// Simulated mistakes in pairs; `nil` makes none.
    public var noise: NoiseSpec?
    /// Begins completions with the first tokens of a data set's; `nil` begins none.
    public var resets: ResetSpec?
    /// The policy that the objective and the KL compare with.
    public var reference: ReferenceRule
    /// Whom the policy's completions are compared with; `nil`: with each other.
    public var opponent: OpponentSpec?
    /// What estimates the returns, for objectives that train values; `nil` is a head of the policy's.
    public var valueModel: ValueModelSpec?
    /// Rounds of sampling and learning online; on fixed data, parts the steps are divided into.
    public var iterations: Int
    /// Prompts sampled from in one iteration of an online run.
    public var promptsPerIteration: Int
    /// Passes over a batch.
    public var updateEpochs: Int
    /// Pairs, sequences (sft) or whole groups (online objectives without pairs) of one step.
    public var minibatchSize: Int
    /// Iterations by which the policy that samples may lag behind the one that learns.
    ///
    /// 0 samples and learns in turn. Above, iteration k is sampled by the policy after iteration
    /// k - 1 - `maxStaleness` while the iterations before k are learned from.
    @ZeroIfAbsent public var maxStaleness: Int
    /// The optimizer's settings.
    public var optimizer: OptimizerSpec
    /// Which weights are trained; the others stay as they were loaded.
    public var trainable: TrainableSpec
    /// Limits that end the run early.
    public var stop: StopRules
    /// What is measured on held-out prompts; `nil` measures nothing.
    public var evaluation: EvaluationSpec?
    /// Iterations between checkpoints.
    public var checkpointEvery: Int
    /// How many checkpoints are kept.
    public var keepCheckpoints: Int
    /// The name under which the result is listed as a model (or reward model).
    public var publishAs: String
    /// Head and head fit of a `reward_model` run.
    public var rewardModel: RewardModelSpec
    /// The longest sequence trained on, tokens; longer ones are refused with their line.
    public var maxSequenceTokens: Int
    /// Memory one microbatch's activations may take, bytes.
    public var activationMemoryBytes: Int
    /// Seeds shuffles, fresh weights and draws.
    public var seed: UInt64

    /// A spec with the four fields that have no default; the rest is set by name.
    public init(name: String, kind: RunKind, model: String, objective: NamedParameters) {
        self.name = name
        self.kind = kind
        self.model = model
        self.objective = objective
        sampling = SamplingParameters()
        groupSize = 8
        teachers = []
        pairing = PairingSpec()
        reference = .initial
        iterations = 4
        promptsPerIteration = 64
        updateEpochs = 1
        minibatchSize = 16
        maxStaleness = 0
        optimizer = OptimizerSpec()
        trainable = .all
        stop = StopRules()
        checkpointEvery = 1
        keepCheckpoints = 2
        publishAs = name
        rewardModel = RewardModelSpec()
        maxSequenceTokens = 1024
        activationMemoryBytes = 4 << 30
        seed = 0
    }
}

extension RunSpec {
    /// What the reward model that the run makes says of texts; `nil` when it makes none.
    public var rewardKind: RewardKind? { kind == .rewardModel ? rewardModel.kind : nil }
}

/// What a run does.
public enum RunKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Sample, score, pair, update, again and again.
    case online
    /// Pairs, groups or sequences, as the objective has them, from a file or list.
    case offline
    /// A reward model from pairs or ratings.
    case rewardModel = "reward_model"
    /// Demonstrations.
    case sft
    /// A client sends every batch to `POST /v1/updates`.
    case external
}

/// Where data comes from.
public enum DataSource: Sendable, Hashable, Codable {
    /// A JSONL file on the server.
    case file(String)
    /// Records in the spec itself.
    case items([Value])
}

/// A catalogue entry and its parameters as written.
public struct NamedParameters: Sendable, Hashable, Codable {
    /// The name in the catalogue of objectives or rewards.
    public var name: String
    /// An object without `name`.
    public var parameters: Value

    /// An entry by name, with no parameters unless given.
    public init(name: String, parameters: Value = .object([:])) {
        self.name = name
        self.parameters = parameters
    }
}

/// What becomes of completions that a reward could not score; they never count as 0.
public enum UnscoredRule: String, Sendable, Hashable, Codable, CaseIterable {
    /// They leave their group and are counted.
    case drop
    /// Those that may be scored later are asked for again, up to a limit, after which the run fails
    /// and can be resumed; those that never will be are dropped.
    case wait
}

/// The optimizer and its schedule.
public struct OptimizerSpec: Sendable, Hashable, Codable {
    /// The learning rate after warm-up, before the schedule lowers it.
    public var learningRate = 5e-6
    /// How the learning rate falls after warm-up.
    public var schedule = Schedule.constant
    /// Optimizer steps over which the learning rate rises to its peak.
    public var warmupSteps = 0
    /// Decay of the gradient's running mean, per step.
    public var beta1 = 0.9
    /// Decay of the squared gradient's running mean, per step.
    public var beta2 = 0.999
    /// Added to the root of the second moment, so that it never divides by zero.
    public var epsilon = 1e-8
    /// Decoupled weight decay, as a share of the weight per unit of learning rate.
    public var weightDecay = 0.0
    /// The largest global gradient norm; 0 turns clipping off.
    public var gradientClip = 1.0

    /// The defaults: AdamW at a constant 5e-6 without decay, clipped at norm 1.
    public init() {}

    /// How the learning rate moves after warm-up.
    public enum Schedule: String, Sendable, Hashable, Codable, CaseIterable {
        /// Stays at the peak.
        case constant
        /// Falls in a straight line to 0 at the last step.
        case linear
        /// Falls along half a cosine to 0 at the last step (Loshchilov & Hutter 2017).
        case cosine
    }
}

/// Which weights are trained.
public enum TrainableSpec: Sendable, Hashable, Codable {
    case all
    /// The top `layers` transformer layers, the final norm and the heads.
    case topLayers(Int)
    /// Low-rank adapters on every linear layer (Hu et al. 2021): W + (alpha/rank)·B·A.
    case lora(rank: Int, alpha: Double)
}

/// When a run ends before its last iteration.
public struct StopRules: Sendable, Hashable, Codable {
    /// Sequence KL to the reference, nat: mean over the held-out (else sampled) completions.
    public var maxKL: Double?
    /// Minutes of work after which the run ends with its iteration; `nil` sets no limit.
    public var maxMinutes: Double?
    /// Mean length of the held-out (else sampled) completions, tokens.
    public var maxLength: Double?
    /// Mean entropy of the policy in an iteration's steps, nat a token: below it the run ends.
    public var minEntropy: Double?
    /// How far a held-out reward that is not trained on may fall from its best while the trained one
    /// is above what it was then.
    public var maxGoldDrop: Double?

    /// No limits: the run goes on to its last iteration.
    public init() {}
}

/// What is measured on held-out prompts and pairs.
public struct EvaluationSpec: Sendable, Hashable, Codable {
    /// Iterations between evaluations; iteration 0, the start, is always measured.
    public var every = 1
    /// The held-out prompts; `nil`: nothing is drawn, the pairs alone are ranked.
    public var prompts: DataSource?
    /// Completions a prompt.
    public var groupSize = 1
    /// Rewards that are measured but not trained on, as written.
    public var rewards: [Value] = []
    /// Held-out pairs that the policy is to rank; `nil`: none.
    public var pairs: DataSource?

    /// Measures one completion of each prompt, at the start and after every iteration.
    public init(prompts: DataSource? = nil) { self.prompts = prompts }
}

/// The head of a reward model and how it is fitted.
public struct RewardModelSpec: Sendable, Hashable, Codable {
    /// How many of the model's layers the backbone keeps; `nil` keeps all.
    public var layers: Int?
    /// Which hidden states become the features.
    public var pooling = Pooling.lastAndMean
    /// The scored text; `{prompt}` and `{completion}` are replaced.
    public var template = "{prompt}{completion}"
    /// How the head gets its first weights.
    public var headFit = HeadFit.bradleyTerry
    /// Strength λ of the head fit's L2 penalty: λ/2 · |w|² on standardised features beside a mean loss.
    public var headL2 = 0.25
    /// Share of the data held out for the accuracy.
    public var holdout = 0.1
    /// Pairs are made from ratings that differ by at least this much.
    public var minimumMargin = 1.0
    /// What stands on the backbone; `nil` is one scalar head.
    public var head: RewardHead?
    /// What the fit takes a pair for; `nil` is a certainty.
    public var fitLabels: FitLabels?

    /// The defaults: all layers, last and mean state, a Bradley–Terry fit, a tenth held out.
    public init() {}

    /// What the head says of texts.
    public var kind: RewardKind { (head ?? .scalar).kind }

    /// Which hidden states the scalar head sees.
    public enum Pooling: String, Sendable, Hashable, Codable, CaseIterable {
        case last, mean
        case lastAndMean = "last_and_mean"
    }

    /// How the head is fitted on the frozen backbone before (or without) gradient steps.
    public enum HeadFit: String, Sendable, Hashable, Codable, CaseIterable {
        /// Start from zero; all learning by gradient steps.
        case none
        /// L2-regularised Bradley–Terry on pairs, solved to convergence.
        case bradleyTerry = "bradley_terry"
        /// Ridge regression on ratings.
        case ridge
        /// L2-regularised logistic regression on good and bad texts.
        case logistic
        /// L2-regularised likelihood of ranked lists (Plackett-Luce).
        case plackettLuce = "plackett_luce"
    }

    /// What the fit takes a pair of the data for.
    public enum FitLabels: String, Sendable, Hashable, Codable, CaseIterable {
        /// The chosen one is better for certain.
        case hard
        /// It is better with the pair's `preference_probability`.
        case soft
        /// It is better by the pair's `margin` at least.
        case margin
    }
}
