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
        ])
    )

    static func spec(_ checked: Value?) -> FeedbackSpec {
        var spec = FeedbackSpec()
        spec.mode = RunSpecReader.choice(checked?["mode"], spec.mode)
        spec.labelBudget = checked?["label_budget"]?.integerValue
        spec.waitSeconds = checked?["wait_seconds"]?.doubleValue ?? spec.waitSeconds
        spec.onDeadline = RunSpecReader.choice(checked?["on_deadline"], spec.onDeadline)
        spec.selection = RunSpecReader.choice(checked?["selection"], spec.selection)
        spec.randomShare = checked?["random_share"]?.doubleValue ?? spec.randomShare
        spec.labelsPerItem = checked?["labels_per_item"]?.integerValue ?? spec.labelsPerItem
        return spec
    }

    static func value(_ spec: FeedbackSpec) -> Value {
        var fields: [String: Value] = [
            "mode": .string(spec.mode.rawValue), "wait_seconds": .number(spec.waitSeconds),
            "on_deadline": .string(spec.onDeadline.rawValue),
            "selection": .string(spec.selection.rawValue),
            "random_share": .number(spec.randomShare),
            "labels_per_item": .integer(spec.labelsPerItem),
        ]
        fields["label_budget"] = spec.labelBudget.map { .integer($0) }
        return .object(fields)
    }
}
