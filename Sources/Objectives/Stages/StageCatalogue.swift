public import Domain

/// Every stage, by kind and name.
public enum StageCatalogue {
    /// Reward transforms, one line each.
    public static let rewardTransforms: [any RewardTransform.Type] = [
        RewardClip.self,
        RunningNormalisation.self,
        BatchNormalisation.self,
        LogSigmoidCentred.self,
        PreferenceAsReward.self,
        RewardSigmoid.self,
        AffineReward.self,
        LengthPenalty.self,
        OverlongPenalty.self,
        MissingEndPenalty.self,
        GroupWinRate.self,
    ]

    /// Credit assignments, one line each.
    public static let credits: [any CreditAssignment.Type] = [
        TerminalCredit.self,
        MacroCredit.self,
        DenseCredit.self,
    ]

    /// Sample filters, one line each.
    public static let filters: [any SampleFilter.Type] = [
        ZeroVarianceFilter.self,
        RewardRangeFilter.self,
        TruncatedFilter.self,
        RankFilter.self,
        SmallAdvantageFilter.self,
        StaleFilter.self,
    ]

    /// Controllers, one line each.
    public static let controllers: [any StageController.Type] = [
        AdaptiveKL.self,
        AdaptiveEntropy.self,
        LagrangeMultiplier.self,
    ]

    /// Every stage with the word for its kind: `reward_transform`, `credit`, `filter`, `controller`.
    public static var all: [(kind: String, type: any StageEntry.Type)] {
        rewardTransforms.map { ("reward_transform", $0) } + credits.map { ("credit", $0) }
            + filters.map { ("filter", $0) } + controllers.map { ("controller", $0) }
    }

    /// What every stage says of itself.
    public static var descriptions: [CatalogueDescription] {
        all.map { CatalogueDescription(entry: $0.type, object: $0.kind) }
    }

    /// A reward transform; `path` is that of the object with its name and parameters.
    ///
    /// - Throws: all faults: an unknown name with the nearest known one, or wrong parameters.
    public static func rewardTransform(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any RewardTransform {
        guard let type = rewardTransforms.first(where: { $0.answers(to: entry.name) }) else {
            throw Faults([
                unknownEntry(entry.name, "reward transform", among: rewardTransforms, path: path)
            ])
        }
        let stage = type.init(try values(entry, type, path))
        return try checked(stage, path)
    }

    /// A credit assignment; see `rewardTransform`.
    public static func credit(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any CreditAssignment {
        guard let type = credits.first(where: { $0.answers(to: entry.name) }) else {
            throw Faults([unknownEntry(entry.name, "credit", among: credits, path: path)])
        }
        let stage = type.init(try values(entry, type, path))
        return try checked(stage, path)
    }

    /// A sample filter; see `rewardTransform`.
    public static func filter(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any SampleFilter {
        guard let type = filters.first(where: { $0.answers(to: entry.name) }) else {
            throw Faults([unknownEntry(entry.name, "sample filter", among: filters, path: path)])
        }
        let stage = type.init(try values(entry, type, path))
        return try checked(stage, path)
    }

    /// A controller; see `rewardTransform`.
    public static func controller(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any StageController {
        guard let type = controllers.first(where: { $0.answers(to: entry.name) }) else {
            throw Faults([unknownEntry(entry.name, "controller", among: controllers, path: path)])
        }
        let stage = type.init(try values(entry, type, path))
        return try checked(stage, path)
    }

    private static func values(
        _ entry: NamedParameters,
        _ type: any StageEntry.Type,
        _ path: String
    ) throws(Faults) -> ParameterValues {
        try ParameterValues(entry.parameters, describedBy: type.parameters, path: path)
    }

    private static func checked<Stage: StageEntry>(
        _ stage: Stage,
        _ path: String
    ) throws(Faults) -> Stage {
        guard let wrong = stage.contradiction else { return stage }
        throw Faults([Fault(path: "\(path).\(wrong.parameter)", message: wrong.message)])
    }
}

extension CatalogueEntry {
    /// Whether `name` is its name or one of its aliases.
    fileprivate static func answers(to name: String) -> Bool {
        self.name == name || aliases.contains(name)
    }
}
