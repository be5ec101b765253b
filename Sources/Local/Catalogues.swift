public import APITypes
public import Domain
import Objectives
import Rewards

/// What specs may name; known without a server.
public enum Catalogues {
    /// Objectives and advantage estimators.
    public static var objectives: [CatalogueObject] {
        ObjectiveCatalogue.all.map { entry($0, "objective") }
            + AdvantageCatalogue.all.map { entry($0, "advantage") }
    }

    /// Rewards.
    public static var rewards: [CatalogueObject] {
        RewardCatalogue.all.map { type in
            CatalogueObject(
                name: type.name,
                object: "reward",
                summary: type.summary,
                parameters: type.parameters
            )
        }
    }

    /// The answer to one line of `hone objective`.
    public static func evaluate(_ line: Value) throws(HoneError) -> Value {
        try ObjectiveCase.evaluate(line)
    }

    private static func entry(
        _ type: any Objectives.CatalogueEntry.Type,
        _ object: String
    ) -> CatalogueObject {
        CatalogueObject(
            name: type.name,
            object: object,
            summary: type.summary,
            source: type.source,
            parameters: type.parameters
        )
    }
}
