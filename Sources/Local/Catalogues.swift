public import APITypes
public import Domain
import Objectives
import Rewards

/// What specs may name; known without a server.
public enum Catalogues {
    /// Objectives, advantage estimators and the stages around them.
    public static var objectives: [CatalogueObject] {
        (ObjectiveCatalogue.descriptions + AdvantageCatalogue.descriptions
            + StageCatalogue.descriptions)
            .map { CatalogueObject($0) }
    }

    /// Rewards.
    public static var rewards: [CatalogueObject] {
        RewardCatalogue.descriptions.map { CatalogueObject($0) }
    }

    /// The answer to one line of `hone objective`.
    public static func evaluate(_ line: Value) throws(HoneError) -> Value {
        try ObjectiveCase.evaluate(line)
    }
}
