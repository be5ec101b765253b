public import Domain

/// Every advantage estimator, by name.
public enum AdvantageCatalogue {
    /// One line each; the tests run over this list.
    public static let all: [any AdvantageEstimator.Type] = [
        GeneralizedAdvantage.self,
        GroupRelativeAdvantage.self,
        GroupMeanAdvantage.self,
        LeaveOneOutAdvantage.self,
        SelfPlayWinRate.self,
        ReturnToGo.self,
        GreedyBaseline.self,
        BatchMeanAdvantage.self,
        LengthWeightedMean.self,
        BestMinusSecond.self,
    ]

    /// The estimator `name` with the `parameters` of an object at `path` of the user's input.
    ///
    /// The fields of the object in `ignoring` are not parameters (`name`). Throws all faults: an
    /// unknown name with the nearest known one, or wrong parameters.
    public static func make(
        name: String,
        parameters: Value,
        path: String,
        ignoring: Set<String> = []
    ) throws(Faults) -> any AdvantageEstimator {
        try EntryMaker(what: "advantage estimator", types: all)
            .make(name, parameters, path: path, ignoring: ignoring)
    }

    /// What each says of itself.
    public static var descriptions: [CatalogueDescription] {
        all.map { CatalogueDescription(advantage: $0) }
    }

    /// The type of that name or alias.
    public static func type(named name: String) -> (any AdvantageEstimator.Type)? {
        all.first { $0.answers(to: name) }
    }
}
