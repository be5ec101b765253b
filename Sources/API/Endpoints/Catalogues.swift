import APITypes
import Domain
import HTTP
import Objectives
import Rewards

extension EndpointTable {
    /// What specs may name, with every parameter.
    static let catalogues: [Endpoint] = [
        Endpoint(
            .get,
            "/v1/objectives",
            "Objectives, advantage estimators and the stages around them: parameters, defaults, ranges.",
            needs: .read,
            reply: .json(.page(of: CatalogueObject.schema)),
            stateVersion: { _ in 0 }
        ) { call in
            let entries =
                ObjectiveCatalogue.descriptions + AdvantageCatalogue.descriptions
                + StageCatalogue.descriptions
            return try call.reply(ListPage(entries.map { CatalogueObject($0) }))
        },
        Endpoint(
            .get,
            "/v1/rewards",
            "Rewards: parameters, defaults, ranges.",
            needs: .read,
            reply: .json(.page(of: CatalogueObject.schema)),
            stateVersion: { _ in 0 }
        ) { call in
            try call.reply(ListPage(RewardCatalogue.descriptions.map { CatalogueObject($0) }))
        },
    ]
}
