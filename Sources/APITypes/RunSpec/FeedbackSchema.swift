import Domain

/// The spec's `feedback`: who judges completions.
enum FeedbackSchema {
    private static let defaults = FeedbackSpec()

    static let schema = Schema.named(
        "RunFeedback",
        .object([
            .field(
                "mode",
                RunSpecSchema.choice(FeedbackSpec.Mode.self),
                default: "reward",
                "reward: the reward decides; human: people do, and the run waits for them; mixed: people "
                    + "on a budget of comparisons, the reward on the rest."
            ),
            .optional(
                "label_budget",
                .integer(1...1_000_000),
                "Comparisons asked for in an iteration; one for each prompt unless said."
            ),
            .field(
                "wait_seconds",
                .number(NumericRange(0, 31_536_000)),
                default: .number(defaults.waitSeconds),
                "How long an iteration waits for them."
            ),
            .field(
                "on_deadline",
                RunSpecSchema.choice(FeedbackSpec.Lateness.self),
                default: "continue",
                "What then: continue with those there are, or fail (resumed, it waits anew)."
            ),
            .field(
                "selection",
                RunSpecSchema.choice(FeedbackSpec.Selection.self),
                default: "information",
                "Which are asked for first: those whose outcome the reward is least sure of, or any."
            ),
            .field(
                "random_share",
                .number(.unit),
                default: .number(defaults.randomShare),
                "The share of them that is drawn at random all the same."
            ),
            .field(
                "labels_per_item",
                .integer(1...100),
                default: .integer(defaults.labelsPerItem),
                "Verdicts wanted on each, each by another person."
            ),
            .field(
                "information",
                information,
                default: .object([:]),
                "What makes a comparison tell much, and how much that counts."
            ),
            .field(
                "retrain_reward",
                .bool,
                default: .bool(defaults.retrainsReward),
                "With mixed: whether the reward models of the reward are fitted to people's verdicts "
                    + "between iterations."
            ),
            .field(
                "prior_labels",
                .number(NumericRange(0, 1_000_000)),
                default: .number(defaults.priorLabels),
                "How many verdicts what such a model knew before is worth."
            ),
            .field(
                "gold_share",
                .number(.unit),
                default: .number(defaults.goldShare),
                "The share of comparisons with a known answer among those handed out, where there are "
                    + "some."
            ),
        ])
    )

    private static let information = Schema.object([
        .field(
            "reward",
            .number(.nonNegative),
            default: .number(defaults.information.reward),
            "Of how unsure the reward is which one a person prefers."
        ),
        .field(
            "policy",
            .number(.nonNegative),
            default: .number(defaults.information.policy),
            "Of how unsure the policy was of what it wrote."
        ),
        .field(
            "novelty",
            .number(.nonNegative),
            default: .number(defaults.information.novelty),
            "Of how little the two are like what was asked before."
        ),
    ])

    static func spec(_ checked: Value?) -> FeedbackSpec {
        var spec = FeedbackSpec()
        spec.mode = RunSpecReader.choice(checked?["mode"], spec.mode)
        spec.labelBudget = checked?["label_budget"]?.integerValue
        spec.waitSeconds = checked?["wait_seconds"]?.doubleValue ?? spec.waitSeconds
        spec.onDeadline = RunSpecReader.choice(checked?["on_deadline"], spec.onDeadline)
        spec.selection = RunSpecReader.choice(checked?["selection"], spec.selection)
        spec.randomShare = checked?["random_share"]?.doubleValue ?? spec.randomShare
        spec.labelsPerItem = checked?["labels_per_item"]?.integerValue ?? spec.labelsPerItem
        let weights = checked?["information"]
        spec.information.reward = weights?["reward"]?.doubleValue ?? spec.information.reward
        spec.information.policy = weights?["policy"]?.doubleValue ?? spec.information.policy
        spec.information.novelty = weights?["novelty"]?.doubleValue ?? spec.information.novelty
        spec.retrainsReward = checked?["retrain_reward"]?.boolValue ?? spec.retrainsReward
        spec.priorLabels = checked?["prior_labels"]?.doubleValue ?? spec.priorLabels
        spec.goldShare = checked?["gold_share"]?.doubleValue ?? spec.goldShare
        return spec
    }

    static func value(_ spec: FeedbackSpec) -> Value {
        var fields: [String: Value] = [
            "mode": .string(spec.mode.rawValue), "wait_seconds": .number(spec.waitSeconds),
            "on_deadline": .string(spec.onDeadline.rawValue),
            "selection": .string(spec.selection.rawValue),
            "random_share": .number(spec.randomShare),
            "labels_per_item": .integer(spec.labelsPerItem),
            "information": [
                "reward": .number(spec.information.reward),
                "policy": .number(spec.information.policy),
                "novelty": .number(spec.information.novelty),
            ],
            "retrain_reward": .bool(spec.retrainsReward),
            "prior_labels": .number(spec.priorLabels), "gold_share": .number(spec.goldShare),
        ]
        fields["label_budget"] = spec.labelBudget.map { .integer($0) }
        return .object(fields)
    }
}
