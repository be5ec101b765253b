public import Domain
public import Foundation

/// Reads a run spec from JSON: all faults at once, each with its path.
///
/// Names of models, rewards and objectives are checked by the control plane, which knows them.
public enum RunSpecReader {
    /// Reads a spec from the bytes of a file or a request.
    ///
    /// - Throws: `HoneError` when it is no JSON, `Faults` when it is no spec.
    public static func read(_ text: Data, source: String) throws -> RunSpec {
        try read(JSONText.value(text, source: source))
    }

    /// Reads a spec from a value.
    public static func read(_ value: Value) throws(Faults) -> RunSpec {
        var faults: [Fault] = []
        let checked = RunSpecSchema.schema.check(value, path: "$", &faults)
        faults += contradictions(in: checked)
        faults += temperatureFaults(written: value["sampling"], checked)
        if !faults.isEmpty { throw Faults(faults) }
        return build(checked)
    }

    /// The objective of a kind that names none.
    public static func defaultObjective(_ kind: RunKind) -> String {
        switch kind {
        case .online, .offline, .external: "dpo"
        case .rewardModel: "bradley_terry"
        case .sft: "sft"
        }
    }

    /// The objective of a kind that names none, by the head of a reward model.
    private static func defaultObjective(_ kind: RunKind, _ rewardModel: Value?) -> String {
        let head = rewardModel?["head"]
        let name = head?.stringValue ?? head?["name"]?.stringValue
        return kind == .rewardModel && name == RewardKind.pair.rawValue
            ? "binary_labels" : defaultObjective(kind)
    }

    /// How the head of a spec that does not say is fitted: as the objective learns.
    private static func defaultFit(
        _ model: RewardModelSpec,
        _ objective: String
    ) -> RewardModelSpec.HeadFit {
        switch (model.kind, objective) {
        case (.attributes, _): .ridge
        case (.pair, _): .logistic
        case (.preference, _): .bradleyTerry
        case (_, "binary_labels"): .logistic
        case (_, "rating_regression"), (_, "ordinal_regression"): .ridge
        case (_, "plackett_luce"): .plackettLuce
        default: .bradleyTerry
        }
    }

    private static func build(_ checked: Value) -> RunSpec {
        let kind = choice(checked["kind"], RunKind.online)
        let name = checked["name"]?.stringValue ?? ""
        var spec = RunSpec(
            name: name,
            kind: kind,
            model: checked["model"]?.stringValue ?? "",
            objective: checked["objective"].flatMap(CatalogueEntrySchema.named)
                ?? NamedParameters(name: defaultObjective(kind, checked["reward_model"]))
        )
        spec.prompts = source(checked["prompts"])
        spec.data = source(checked["data"])
        spec.teachers = (checked["teachers"]?.arrayValue ?? []).compactMap(\.stringValue)
        spec.reward = checked["reward"]
        let unscored = choice(checked["unscored"], UnscoredRule.drop)
        spec.unscored = unscored == .drop ? nil : unscored
        let feedback = FeedbackSchema.spec(checked["feedback"])
        spec.feedback = feedback == FeedbackSpec() ? nil : feedback
        spec.publishAs = checked["publish_as"]?.stringValue ?? name
        readSampling(checked, into: &spec)
        readCounts(checked, into: &spec)
        readLearning(checked, into: &spec)
        if let written = checked["reward_model"] {
            spec.rewardModel = rewardModel(written)
            if written["head_fit"] == nil {
                spec.rewardModel.headFit = defaultFit(spec.rewardModel, spec.objective.name)
            }
        } else if kind == .rewardModel {
            spec.rewardModel.headFit = defaultFit(spec.rewardModel, spec.objective.name)
        }
        // A fitted head needs no gradient steps; whoever wants both asks for them.
        let isFitted = kind == .rewardModel && spec.rewardModel.headFit != .none
        if isFitted && checked["update_epochs"] == nil { spec.updateEpochs = 0 }
        return spec
    }

    private static func readSampling(_ checked: Value, into spec: inout RunSpec) {
        let sampling = checked["sampling"]
        spec.sampling = SamplingSchema.parameters(sampling)
        if let temperatures = sampling?["temperatures"]?.arrayValue?.compactMap(\.doubleValue),
            let first = temperatures.first
        {
            spec.sampling.temperatures = temperatures
            spec.sampling.temperature = first
        }
        spec.groupSize = sampling?["group_size"]?.integerValue ?? spec.groupSize
        spec.advantage = checked["advantage"].flatMap(CatalogueEntrySchema.named)
        spec.stages = checked["stages"].map(StageSchema.stages)
        LoopSchema.read(checked, into: &spec)
        spec.pairing = checked["pairing"].map(PairingSchema.pairing) ?? spec.pairing
        spec.reference = ReferenceSchema.rule(checked["reference"])
        spec.valueModel = checked["value_model"].map(valueModel)
        spec.opponent = checked["opponent"].flatMap { written in
            written["mixture"]?.doubleValue.map { mixture in
                OpponentSpec(mixture: mixture, count: written["count"]?.integerValue ?? 1)
            }
        }
        spec.evaluation = checked["evaluation"].map(evaluation)
        spec.stop.maxKL = checked["stop"]?["max_kl"]?.doubleValue
        spec.stop.maxMinutes = checked["stop"]?["max_minutes"]?.doubleValue
        spec.stop.maxLength = checked["stop"]?["max_length"]?.doubleValue
        spec.stop.minEntropy = checked["stop"]?["min_entropy"]?.doubleValue
        spec.stop.maxGoldDrop = checked["stop"]?["max_gold_drop"]?.doubleValue
    }

    private static func readCounts(_ checked: Value, into spec: inout RunSpec) {
        func read(_ name: String, _ field: WritableKeyPath<RunSpec, Int>) {
            if let number = checked[name]?.integerValue { spec[keyPath: field] = number }
        }
        read("iterations", \.iterations)
        read("prompts_per_iteration", \.promptsPerIteration)
        read("update_epochs", \.updateEpochs)
        read("minibatch_size", \.minibatchSize)
        read("max_staleness", \.maxStaleness)
        read("checkpoint_every", \.checkpointEvery)
        read("keep_checkpoints", \.keepCheckpoints)
        read("max_sequence_tokens", \.maxSequenceTokens)
        spec.seed = checked["seed"]?.integerValue.map { UInt64(clamping: $0) } ?? spec.seed
        if let mebibytes = checked["activation_memory_mb"]?.integerValue {
            spec.activationMemoryBytes = mebibytes << 20
        }
    }

    private static func readLearning(_ checked: Value, into spec: inout RunSpec) {
        if let layers = checked["train_layers"]?.integerValue {
            spec.trainable = .topLayers(layers)
        } else if let adapter = checked["adapter"] {
            spec.trainable = .lora(
                rank: adapter["rank"]?.integerValue ?? 16,
                alpha: adapter["alpha"]?.doubleValue ?? 32
            )
        }
        let written = checked["optimizer"]
        func read(_ name: String, _ field: WritableKeyPath<OptimizerSpec, Double>) {
            if let number = written?[name]?.doubleValue { spec.optimizer[keyPath: field] = number }
        }
        read("learning_rate", \.learningRate)
        read("beta1", \.beta1)
        read("beta2", \.beta2)
        read("epsilon", \.epsilon)
        read("weight_decay", \.weightDecay)
        read("gradient_clip", \.gradientClip)
        spec.optimizer.schedule = choice(written?["schedule"], spec.optimizer.schedule)
        spec.optimizer.warmupSteps = written?["warmup_steps"]?.integerValue ?? 0
    }

    private static func evaluation(_ checked: Value) -> EvaluationSpec {
        var evaluation = EvaluationSpec(prompts: source(checked["prompts"]))
        evaluation.every = checked["every"]?.integerValue ?? evaluation.every
        evaluation.groupSize = checked["group_size"]?.integerValue ?? evaluation.groupSize
        evaluation.rewards = checked["rewards"]?.arrayValue ?? []
        evaluation.pairs = source(checked["pairs"])
        return evaluation
    }

    private static func valueModel(_ checked: Value) -> ValueModelSpec {
        var values = ValueModelSpec()
        values.name = choice(checked["name"], values.name)
        values.model = checked["model"]?.stringValue
        values.warmupIterations = checked["warmup_iterations"]?.integerValue ?? 0
        values.learningRate = checked["learning_rate"]?.doubleValue
        return values
    }

    private static func rewardModel(_ checked: Value) -> RewardModelSpec {
        var head = RewardModelSpec()
        head.layers = checked["layers"]?.integerValue
        head.pooling = choice(checked["pooling"], head.pooling)
        head.template = checked["template"]?.stringValue ?? head.template
        head.headFit = choice(checked["head_fit"], head.headFit)
        head.headL2 = checked["l2"]?.doubleValue ?? head.headL2
        head.holdout = checked["holdout"]?.doubleValue ?? head.holdout
        head.minimumMargin = checked["minimum_margin"]?.doubleValue ?? head.minimumMargin
        head.fitLabels = checked["fit_labels"]?.stringValue.flatMap(
            RewardModelSpec.FitLabels.init(rawValue:)
        )
        // Faults of it are told with those that concern several fields.
        head.head = checked["head"].flatMap { try? RewardHead($0, path: "$.reward_model.head") }
        return head
    }

    static func source(_ checked: Value?) -> DataSource? {
        if let file = checked?["file"]?.stringValue { return .file(file) }
        return (checked?["items"]?.arrayValue).map { .items($0) }
    }

    static func choice<Choice: RawRepresentable<String>>(
        _ value: Value?,
        _ fallback: Choice
    ) -> Choice {
        value?.stringValue.flatMap(Choice.init(rawValue:)) ?? fallback
    }
}
