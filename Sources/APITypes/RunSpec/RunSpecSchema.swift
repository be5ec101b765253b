import Domain

/// Every field of a run spec: the one table of names, ranges, defaults and meanings.
///
/// Defaults are taken from `Domain.RunSpec`, so the table cannot say something else.
public enum RunSpecSchema {
    /// The whole spec, `#/components/schemas/RunSpec`.
    public static let schema = Schema.named("RunSpec", .object(what + how + when + learning))

    private static let defaults = RunSpec(
        name: "",
        kind: .online,
        model: "",
        objective: NamedParameters(name: "dpo")
    )

    /// Where prompts or data come from.
    static let source = Schema.named(
        "DataSource",
        .object([
            .optional("file", .text, "A JSONL file on the machine of the server."),
            .optional("items", .list(.any), "The records themselves, in place of a file."),
        ])
    )

    private static let what: [FieldDescription] = [
        .required("name", .name, "The run's name; the same name and spec resumes."),
        .required("kind", choice(RunKind.self), "What the run does."),
        .required("model", .text, "The model to start from, or RUN@ITERATION for a checkpoint."),
        .optional("prompts", source, "Prompts of an online run."),
        .optional(
            "data",
            source,
            "Pairs, groups, single completions or ratings, of the other kinds."
        ),
        .optional(
            "objective",
            CatalogueEntrySchema.objective,
            "The loss: dpo (online, offline, external), bradley_terry (reward_model; "
                + "binary_labels for a pair head) or "
                + "sft (sft) unless said."
        ),
        .optional(
            "teachers",
            .list(.text, count: 0...2),
            "Models that the objective distils from, where it says so: a teacher, and a contrast that "
                + "it is moved away from."
        ),
        .optional(
            "reward",
            CatalogueEntrySchema.reward,
            "The reward of an online run: any entry of GET /v1/rewards."
        ),
        .field(
            "unscored",
            choice(UnscoredRule.self),
            default: .string(UnscoredRule.drop.rawValue),
            "What becomes of completions that the reward could not score: drop lets them leave their "
                + "group, wait asks again for those that a service may still score, and fails the run, "
                + "to be resumed, when it does not."
        ),
        .optional(
            "advantage",
            CatalogueEntrySchema.advantage,
            "How rewards become advantages, for objectives that need them; unless said as the "
                + "objective's paper does (the stage advantage of its entry in GET /v1/objectives), and "
                + "gae beside a value head."
        ),
        .optional(
            "stages",
            StageSchema.schema,
            "What is done to rewards and advantages in between, for online objectives that learn from "
                + "groups; what is left out is as the objective's paper has it."
        ),
        .optional("publish_as", .name, "The name the result gets; the run's name unless said."),
    ]

    private static let how: [FieldDescription] = [
        .field("sampling", sampling, default: [:], "How completions are drawn."),
        .field(
            "pairing",
            PairingSchema.schema,
            default: [:],
            "How the completions of a prompt become pairs, for online objectives that learn from "
                + "pairs; a rule's parameters stand beside its name."
        ),
        .field(
            "reference",
            ReferenceSchema.schema,
            default: ReferenceSchema.value(defaults.reference),
            "The policy that the objective and the KL compare with: initial (the weights the run "
                + "starts from), previous_iteration (the policy that samples), none, "
                + "{\"ema\": decay} or {\"soup\": [models], \"weights\": [shares]}."
        ),
        .optional(
            "opponent",
            opponent,
            "Further completions of every prompt that the policy's are compared with, drawn from a "
                + "mixture of policy and reference (online)."
        ),
        .optional(
            "value_model",
            valueModel,
            "What estimates the returns, for objectives that train values."
        ),
        .optional(
            "mix",
            LoopSchema.mix,
            "Online: what is learned from beside the iteration's own completions."
        ),
        .optional(
            "curriculum",
            LoopSchema.curriculum,
            "The order of prompts (online), of the file's records (offline, sft) and of pairs."
        ),
        .optional(
            "noise",
            LoopSchema.noise,
            "Simulated mistakes of whoever labels pairs (online, offline)."
        ),
        .optional(
            "resets",
            LoopSchema.resets,
            "Online: completions begun with the first tokens of those that the prompts' records have."
        ),
        .field("feedback", FeedbackSchema.schema, default: [:], "Where verdicts come from."),
        .optional("evaluation", evaluation, "What is measured on held-out prompts and pairs."),
        .optional("reward_model", rewardModel, "The head of a reward_model run and its fit."),
    ]

    private static let when: [FieldDescription] = [
        count("iterations", 1_000_000, defaults.iterations, "Sample-and-update cycles."),
        count(
            "prompts_per_iteration",
            1_000_000,
            defaults.promptsPerIteration,
            "Prompts drawn for one iteration."
        ),
        .optional(
            "update_epochs",
            .integer(0...1000),
            "Passes over a batch: 1 unless said; 0 for a reward_model whose head is fitted."
        ),
        count(
            "minibatch_size",
            65_536,
            defaults.minibatchSize,
            "What one optimizer step learns from: pairs, groups or sequences, as the objective has them; "
                + "whole groups for online objectives that learn from no pairs."
        ),
        .field(
            "max_staleness",
            .integer(0...16),
            default: .integer(defaults.maxStaleness),
            "Online: 0 samples and learns in turn; s above 0 samples iteration k with the policy "
                + "after iteration k-1-s, in a second worker, while those before are learned from."
        ),
        .field("stop", stop, default: [:], "When to end before the last iteration."),
        count(
            "checkpoint_every",
            1_000_000,
            defaults.checkpointEvery,
            "Iterations between checkpoints."
        ),
        count("keep_checkpoints", 10_000, defaults.keepCheckpoints, "Checkpoints that are kept."),
        .field(
            "seed",
            .count,
            default: .integer(Int(defaults.seed)),
            "Equal seeds and specs give equal bytes."
        ),
    ]

    private static let learning: [FieldDescription] = [
        .field("optimizer", optimizer, default: [:], "The optimizer and its schedule."),
        .optional("adapter", adapter, "Train low-rank adapters in place of all weights."),
        .optional(
            "train_layers",
            .integer(1...10_000),
            "Train only this many of the top layers, the final norm and the heads."
        ),
        .field(
            "max_sequence_tokens",
            .integer(8...1_048_576),
            default: .integer(defaults.maxSequenceTokens),
            "The longest sequence trained on; longer ones are refused."
        ),
        .field(
            "activation_memory_mb",
            .integer(16...16_777_216),
            default: .integer(defaults.activationMemoryBytes >> 20),
            "Memory the activations of one microbatch may take, MiB."
        ),
    ]

    /// A whole number from 1.
    private static func count(
        _ name: String,
        _ most: Int,
        _ value: Int,
        _ meaning: String
    ) -> FieldDescription {
        .field(name, .integer(1...most), default: .integer(value), meaning)
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ type: Choice.Type
    ) -> Schema {
        .choice(Choice.allCases.map { $0.rawValue })
    }
}
