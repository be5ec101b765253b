public import Domain

extension CatalogueDescription {
    /// Any entry of a catalogue by its `object`, with nothing but name and parameters.
    public init(entry type: any CatalogueEntry.Type, object: String) {
        self.init(
            name: type.name,
            object: object,
            summary: type.summary,
            source: type.source,
            parameters: type.parameters
        )
        aliases = type.aliases
    }

    /// An objective.
    public init(objective type: any Objective.Type) {
        self.init(entry: type, object: "objective")
        let plain = Self.make(type, [:])
        let needs = plain?.requirements ?? type.requirements
        lossAtReference = plain?.lossAtReference
        data = Data(
            kind: needs.kind.rawValue,
            minimumGroupSize: needs.minimumGroupSize,
            fields: Self.fields(required: needs.fields, possible: Self.possibleFields(of: type))
        )
        statistics = needs.statistics.rawValue
        stopsGradients = type.stopsGradients
        traits = ObjectiveTrait.allCases.filter { type.traits.contains($0) }.map(\.rawValue)
        trend =
            switch type.trend {
            case .rises(let metric): Trend(metric: metric, moves: "up")
            case .falls(let metric): Trend(metric: metric, moves: "down")
            }
        if needs.fields.contains(.advantages) {
            stages = Self.stages(before: type.preset) + Self.stages(inside: type)
        }
    }

    /// An advantage estimator.
    public init(advantage type: any AdvantageEstimator.Type) {
        self.init(entry: type, object: "advantage")
        let fields = AdvantageField.allCases.filter {
            type.requiredFields.contains($0) || type.optionalFields.contains($0)
        }
        data = Data(
            kind: type.isPerToken ? "tokens" : "completions",
            minimumGroupSize: type.minimumGroupSize,
            fields: fields.map { field in
                Field(
                    name: field.rawValue,
                    per: field == .baseline ? "batch" : type.isPerToken ? "token" : "completion",
                    meaning: field.meaning,
                    required: type.requiredFields.contains(field),
                    differentiable: false
                )
            }
        )
    }

    private static func fields(
        required: Set<BatchField>,
        possible: Set<BatchField>
    ) -> [Field] {
        BatchField.allCases.filter { required.contains($0) || possible.contains($0) }.map { field in
            Field(
                name: field.rawValue,
                per: field.place.rawValue,
                meaning: field.meaning,
                required: required.contains(field),
                differentiable: BatchField.differentiable.contains(field)
            )
        }
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

    /// Every field that some value of one parameter, or of one with a number beside it, calls for.
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

    private static func stages(inside type: any Objective.Type) -> [Stage] {
        PolicyStages.parametersOfStage.compactMap { stage, names in
            var values: [String: Value] = [:]
            for parameter in type.parameters where names.contains(parameter.name) {
                values[parameter.name] = parameter.defaultValue ?? .null
            }
            return values.isEmpty ? nil : Stage(stage, .object(values))
        }
    }

    private static func stages(before preset: StagePreset) -> [Stage] {
        func named(_ entry: NamedParameters) -> Value {
            var fields = entry.parameters.objectValue ?? [:]
            fields["name"] = .string(entry.name)
            return .object(fields)
        }
        return [
            Stage("rewards", .array(preset.rewards.map(named))),
            Stage(
                "reward_kl",
                preset.rewardKL.map {
                    [
                        "coefficient": .number($0.coefficient),
                        "estimator": .string($0.estimator.rawValue),
                    ]
                } ?? .null
            ),
            Stage("credit", named(preset.credit)),
            Stage("advantage", named(preset.advantage)),
            Stage("filters", .array(preset.filters.map(named))),
            Stage("whiten", .string(preset.whiten.rawValue)),
            Stage("advantage_clip", preset.advantageClip.map { .number($0) } ?? .null),
            Stage("controllers", .array(preset.controllers.map(named))),
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
