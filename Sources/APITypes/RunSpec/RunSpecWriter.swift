public import Domain

/// Writes a run spec as canonical JSON: every default spelled out, nothing the kind has no use for.
public enum RunSpecWriter {
    /// The spec as a value that `RunSpecReader` reads back to an equal spec.
    public static func value(_ spec: RunSpec) -> Value {
        var fields: [String: Value] = [
            "name": .string(spec.name),
            "kind": .string(spec.kind.rawValue),
            "model": .string(spec.model),
            "objective": named(spec.objective),
            "publish_as": .string(spec.publishAs),
            "sampling": sampling(spec),
            "pairing": PairingSchema.value(spec.pairing),
            "reference": ReferenceSchema.value(spec.reference),
            "feedback": FeedbackSchema.value(spec.feedback ?? FeedbackSpec()),
            "optimizer": optimizer(spec.optimizer),
            "iterations": .integer(spec.iterations),
            "prompts_per_iteration": .integer(spec.promptsPerIteration),
            "update_epochs": .integer(spec.updateEpochs),
            "minibatch_size": .integer(spec.minibatchSize),
            "max_staleness": .integer(spec.maxStaleness),
            "checkpoint_every": .integer(spec.checkpointEvery),
            "keep_checkpoints": .integer(spec.keepCheckpoints),
            "max_sequence_tokens": .integer(spec.maxSequenceTokens),
            "activation_memory_mb": .integer(spec.activationMemoryBytes >> 20),
            "seed": .integer(Int(clamping: spec.seed)),
            "stop": stop(spec.stop),
        ]
        fields["prompts"] = spec.prompts.map(source)
        fields["data"] = spec.data.map(source)
        if !spec.teachers.isEmpty {
            fields["teachers"] = .array(spec.teachers.map { .string($0) })
        }
        fields["reward"] = spec.reward
        fields["unscored"] = .string((spec.unscored ?? .drop).rawValue)
        fields["advantage"] = spec.advantage.map(named)
        fields["stages"] = spec.stages.map(StageSchema.value)
        fields["value_model"] = spec.valueModel.map(valueModel)
        fields["opponent"] = spec.opponent.map {
            ["mixture": .number($0.mixture), "count": .integer($0.count)]
        }
        fields["evaluation"] = spec.evaluation.map(evaluation)
        LoopSchema.write(spec, into: &fields)
        if spec.kind == .rewardModel { fields["reward_model"] = rewardModel(spec.rewardModel) }
        switch spec.trainable {
        case .all: break
        case .topLayers(let layers): fields["train_layers"] = .integer(layers)
        case .lora(let rank, let alpha):
            fields["adapter"] = ["name": "lora", "rank": .integer(rank), "alpha": .number(alpha)]
        }
        return .object(fields)
    }

    static func named(_ entry: NamedParameters) -> Value {
        var fields = entry.parameters.objectValue ?? [:]
        fields["name"] = .string(entry.name)
        return .object(fields)
    }

    static func source(_ source: DataSource) -> Value {
        switch source {
        case .file(let path): ["file": .string(path)]
        case .items(let items): ["items": .array(items)]
        }
    }

    private static func sampling(_ spec: RunSpec) -> Value {
        var fields = SamplingSchema.fields(of: spec.sampling)
        fields["group_size"] = .integer(spec.groupSize)
        if let temperatures = spec.sampling.temperatures {
            // They are in place of it.
            fields["temperature"] = nil
            fields["temperatures"] = .array(temperatures.map { .number($0) })
        }
        fields["refill"] = spec.refill.map(LoopSchema.value)
        return .object(fields)
    }

    private static func optimizer(_ optimizer: OptimizerSpec) -> Value {
        [
            "name": "adamw",
            "learning_rate": .number(optimizer.learningRate),
            "schedule": .string(optimizer.schedule.rawValue),
            "warmup_steps": .integer(optimizer.warmupSteps),
            "beta1": .number(optimizer.beta1),
            "beta2": .number(optimizer.beta2),
            "epsilon": .number(optimizer.epsilon),
            "weight_decay": .number(optimizer.weightDecay),
            "gradient_clip": .number(optimizer.gradientClip),
        ]
    }

    private static func stop(_ rules: StopRules) -> Value {
        var fields: [String: Value] = [:]
        fields["max_kl"] = rules.maxKL.map { .number($0) }
        fields["max_minutes"] = rules.maxMinutes.map { .number($0) }
        fields["max_length"] = rules.maxLength.map { .number($0) }
        fields["min_entropy"] = rules.minEntropy.map { .number($0) }
        fields["max_gold_drop"] = rules.maxGoldDrop.map { .number($0) }
        return .object(fields)
    }

    private static func evaluation(_ evaluation: EvaluationSpec) -> Value {
        var fields: [String: Value] = [
            "every": .integer(evaluation.every),
            "group_size": .integer(evaluation.groupSize),
            "rewards": .array(evaluation.rewards),
        ]
        fields["prompts"] = evaluation.prompts.map(source)
        fields["pairs"] = evaluation.pairs.map(source)
        return .object(fields)
    }

    private static func valueModel(_ values: ValueModelSpec) -> Value {
        var fields: [String: Value] = [
            "name": .string(values.name.rawValue),
            "warmup_iterations": .integer(values.warmupIterations),
        ]
        fields["model"] = values.model.map { .string($0) }
        fields["learning_rate"] = values.learningRate.map { .number($0) }
        return .object(fields)
    }

    private static func rewardModel(_ head: RewardModelSpec) -> Value {
        var fields: [String: Value] = [
            "pooling": .string(head.pooling.rawValue),
            "template": .string(head.template),
            "head_fit": .string(head.headFit.rawValue),
            "l2": .number(head.headL2),
            "holdout": .number(head.holdout),
            "minimum_margin": .number(head.minimumMargin),
        ]
        fields["layers"] = head.layers.map { .integer($0) }
        fields["head"] = head.head?.value
        fields["fit_labels"] = head.fitLabels.map { .string($0.rawValue) }
        return .object(fields)
    }
}
