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
    public static var all: [(kind: String, type: any CatalogueEntry.Type)] {
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
        try make(entry, "reward transform", rewardTransforms, path)
    }

    /// A credit assignment; see `rewardTransform`.
    public static func credit(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any CreditAssignment {
        try make(entry, "credit", credits, path)
    }

    /// A sample filter; see `rewardTransform`.
    public static func filter(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any SampleFilter {
        try make(entry, "sample filter", filters, path)
    }

    /// A controller; see `rewardTransform`.
    public static func controller(
        _ entry: NamedParameters,
        path: String
    ) throws(Faults) -> any StageController {
        try make(entry, "controller", controllers, path)
    }

    private static func make<Stage>(
        _ entry: NamedParameters,
        _ what: String,
        _ types: [any CatalogueEntry.Type],
        _ path: String
    ) throws(Faults) -> Stage {
        try EntryMaker(what: what, types: types).make(entry.name, entry.parameters, path: path)
    }
}
