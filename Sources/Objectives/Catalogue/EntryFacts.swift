public import Domain

/// What a catalogue entry says of itself beside its parameters: the same facts drive
/// `GET /v1/objectives`, `hone objectives` and the docs pages.
public struct EntryFacts: Sendable, Hashable {
    /// The structure of the data; `nil` for advantage estimators.
    public var data: DataRequirements.Kind?
    /// What the data must have with default parameters, by JSON name.
    public var fields: [BatchField]
    /// What it must have with other parameters.
    public var optionalFields: [BatchField]
    /// The fewest completions a group may have.
    public var minimumGroupSize: Int
    /// What the loss takes from the whole batch.
    public var statistics: DataRequirements.Statistics
    /// Whether something of the policy is held constant, with default parameters.
    public var stopsGradients: Bool
    /// What holds of the loss whatever the data.
    public var traits: [ObjectiveTrait]
    /// Which metric says that it learns.
    public var trend: MetricTrend?
    /// What a policy gradient sets of every stage, in the order they are gone through; empty for
    /// other objectives.
    public var stages: [(name: String, values: Value)] {
        stageList.map { ($0.name, $0.values) }
    }
    private var stageList: [Stage]

    private struct Stage: Sendable, Hashable {
        var name: String
        var values: Value
    }

    /// The facts of an objective.
    public init(_ type: any Objective.Type) {
        let needs = Self.defaults(of: type)?.requirements ?? type.requirements
        data = needs.kind
        fields = Self.ordered(needs.fields)
        optionalFields = Self.ordered(Self.possibleFields(of: type).subtracting(needs.fields))
        minimumGroupSize = needs.minimumGroupSize
        statistics = needs.statistics
        stopsGradients = type.stopsGradients
        traits = ObjectiveTrait.allCases.filter { type.traits.contains($0) }
        trend = type.trend
        stageList =
            needs.fields.contains(.advantages)
            ? (Self.stages(before: type.preset) + Self.stages(inside: type))
                .map { Stage(name: $0, values: $1) } : []
    }

    /// The facts of an advantage estimator.
    public init(_ type: any AdvantageEstimator.Type) {
        (data, fields, optionalFields) = (nil, [], [])
        minimumGroupSize = type.minimumGroupSize
        (statistics, stopsGradients, traits, trend, stageList) = (.none, false, [], nil, [])
    }

    private static func ordered(_ fields: Set<BatchField>) -> [BatchField] {
        BatchField.allCases.filter { fields.contains($0) }
    }

    private static func make(
        _ type: any Objective.Type,
        _ parameters: [String: Value]
    ) -> (any Objective)? {
        try? ObjectiveCatalogue.make(
            name: type.name,
            parameters: .object(parameters),
            path: "$"
        )
    }

    private static func defaults(of type: any Objective.Type) -> (any Objective)? {
        make(type, [:])
    }

    /// Every field that some value of one parameter, or of two switches together, calls for.
    private static func possibleFields(of type: any Objective.Type) -> Set<BatchField> {
        let settings = type.parameters.flatMap { parameter in
            parameter.samples.map { [parameter.name: $0] }
        }
        let switches = settings.filter { $0.values.allSatisfy { $0.doubleValue != nil } }
        var fields: Set<BatchField> = []
        for setting in settings {
            fields.formUnion(make(type, setting)?.requirements.fields ?? [])
            for other in switches where other.keys != setting.keys {
                let both = setting.merging(other) { first, _ in first }
                fields.formUnion(make(type, both)?.requirements.fields ?? [])
            }
        }
        return fields
    }

    private static func stages(inside type: any Objective.Type) -> [(String, Value)] {
        PolicyStages.parametersOfStage.compactMap { stage, names in
            var values: [String: Value] = [:]
            for parameter in type.parameters where names.contains(parameter.name) {
                values[parameter.name] = parameter.defaultValue ?? .null
            }
            return values.isEmpty ? nil : (stage, .object(values))
        }
    }

    private static func stages(before preset: StagePreset) -> [(String, Value)] {
        func named(_ entry: NamedParameters) -> Value {
            var fields = entry.parameters.objectValue ?? [:]
            fields["name"] = .string(entry.name)
            return .object(fields)
        }
        return [
            ("rewards", .array(preset.rewards.map(named))),
            (
                "reward_kl",
                preset.rewardKL.map {
                    [
                        "coefficient": .number($0.coefficient),
                        "estimator": .string($0.estimator.rawValue),
                    ]
                } ?? .null
            ),
            ("credit", named(preset.credit)),
            ("advantage", named(preset.advantage)),
            ("filters", .array(preset.filters.map(named))),
            ("whiten", .string(preset.whiten.rawValue)),
            ("advantage_clip", preset.advantageClip.map { .number($0) } ?? .null),
            ("controllers", .array(preset.controllers.map(named))),
        ]
    }
}

extension ParameterDescription {
    /// Values the parameter may take: every word, both truth values, a number inside its range.
    package var samples: [Value] {
        switch kind {
        case .bool: [true, false]
        case .choice(let words): words.map { .string($0) }
        case .integer(let range): [.integer(range.contains(16) ? 16 : range.lowerBound)]
        case .number(let range): [.number(Self.sample(range))]
        case .string, .numbers, .nested: []
        }
    }

    private static func sample(_ range: NumericRange) -> Double {
        let lower = range.lower.isFinite ? range.lower : -1
        return lower + (range.upper.isFinite ? (range.upper - lower) * 0.35 : 0.35)
    }
}
