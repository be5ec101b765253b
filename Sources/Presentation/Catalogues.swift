public import APITypes
import Domain
import Objectives
import Rewards

/// What specs may name, with every parameter; known without a server.
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
}
