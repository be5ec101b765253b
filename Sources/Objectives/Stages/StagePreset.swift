public import Domain

/// How a named method makes its advantages: what an online run does unless its spec says otherwise.
public struct StagePreset: Sendable, Hashable {
    /// The estimator.
    public var advantage: NamedParameters
    /// The other stages; what is `nil` is off.
    public var stages: StageSpec

    /// An estimator, with no other stage unless given.
    public init(advantage: NamedParameters, stages: StageSpec = StageSpec()) {
        self.advantage = advantage
        self.stages = stages
    }

    /// As the catalogues show it: only what is set.
    public var value: Value {
        var fields: [String: Value] = ["advantage": Self.value(advantage)]
        func list(_ entries: [NamedParameters]?) -> Value? {
            entries.map { .array($0.map(Self.value)) }
        }
        fields["rewards"] = list(stages.rewards)
        fields["reward_kl"] = stages.rewardKL.map {
            ["coefficient": .number($0.coefficient), "estimator": .string($0.estimator.rawValue)]
        }
        fields["credit"] = stages.credit.map(Self.value)
        fields["filters"] = list(stages.filters)
        fields["whiten"] = stages.whiten.map { .string($0.rawValue) }
        fields["advantage_clip"] = stages.advantageClip.map { .number($0) }
        fields["controllers"] = list(stages.controllers)
        return .object(fields)
    }

    private static func value(_ entry: NamedParameters) -> Value {
        var fields = entry.parameters.objectValue ?? [:]
        fields["name"] = .string(entry.name)
        return .object(fields)
    }
}
