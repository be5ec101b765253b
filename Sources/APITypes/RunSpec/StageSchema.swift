import Domain

/// The field `stages` of a run spec.
enum StageSchema {
    /// Names and parameters are checked by the control plane, which knows them.
    private static func entry(_ kind: String) -> Schema {
        .openObject([.required("name", .text, "A \(kind) of GET /v1/objectives.")])
    }

    static let schema = Schema.named(
        "Stages",
        .object([
            .optional(
                "rewards",
                .list(entry("reward_transform")),
                "What is done to each completion's reward, in this order."
            ),
            .optional("reward_kl", rewardKL, "A KL to the reference that is taken off rewards."),
            .optional("credit", entry("credit"), "Which tokens a completion's reward lies on."),
            .optional(
                "whiten_rewards",
                .bool,
                "Whether tokens' rewards, the KL in them, are divided by their deviation and keep their mean."
            ),
            .optional(
                "filters",
                .list(entry("filter")),
                "What keeps completions from being learned from, in this order."
            ),
            .optional(
                "whiten",
                .choice(Whitening.allCases.map { $0.rawValue }),
                "How advantages are standardised over all tokens of an iteration."
            ),
            .optional(
                "advantage_clip",
                .number(.positive),
                "The largest size of an advantage, after that."
            ),
            .optional(
                "controllers",
                .list(entry("controller")),
                "What adapts a coefficient from iteration to iteration."
            ),
        ])
    )

    private static let rewardKL = Schema.object([
        .required("coefficient", .number(.nonNegative), "The weight of the KL; 0 turns it off."),
        .field(
            "estimator",
            .choice(KLEstimator.allCases.map { $0.rawValue }),
            default: .string(KLEstimator.k1.rawValue),
            "How the KL is estimated from one token's log-ratio."
        ),
    ])

    /// The stages of a checked object.
    static func stages(_ checked: Value) -> StageSpec {
        func list(_ name: String) -> [NamedParameters]? {
            checked[name]?.arrayValue.map { $0.compactMap(CatalogueEntrySchema.named) }
        }
        var stages = StageSpec()
        stages.rewards = list("rewards")
        stages.rewardKL = checked["reward_kl"].flatMap { kl in
            kl["coefficient"]?.doubleValue.map { coefficient in
                let name = kl["estimator"]?.stringValue ?? ""
                return RewardKLSpec(
                    coefficient: coefficient,
                    estimator: KLEstimator(rawValue: name) ?? .k1
                )
            }
        }
        stages.credit = checked["credit"].flatMap(CatalogueEntrySchema.named)
        stages.whitenRewards = checked["whiten_rewards"]?.boolValue
        stages.filters = list("filters")
        stages.whiten = checked["whiten"]?.stringValue.flatMap(Whitening.init(rawValue:))
        stages.advantageClip = checked["advantage_clip"]?.doubleValue
        stages.controllers = list("controllers")
        return stages
    }

    /// What is said of the stages, as it is read back.
    static func value(_ stages: StageSpec) -> Value {
        func list(_ entries: [NamedParameters]?) -> Value? {
            entries.map { .array($0.map(RunSpecWriter.named)) }
        }
        var fields: [String: Value] = [:]
        fields["rewards"] = list(stages.rewards)
        fields["reward_kl"] = stages.rewardKL.map {
            ["coefficient": .number($0.coefficient), "estimator": .string($0.estimator.rawValue)]
        }
        fields["credit"] = stages.credit.map(RunSpecWriter.named)
        fields["whiten_rewards"] = stages.whitenRewards.map { .bool($0) }
        fields["filters"] = list(stages.filters)
        fields["whiten"] = stages.whiten.map { .string($0.rawValue) }
        fields["advantage_clip"] = stages.advantageClip.map { .number($0) }
        fields["controllers"] = list(stages.controllers)
        return .object(fields)
    }
}
