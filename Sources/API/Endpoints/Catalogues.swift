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
            "Objectives and advantage estimators: parameters, defaults, ranges.",
            reply: .json(.page(of: CatalogueObject.schema)),
            stateVersion: { _ in 0 }
        ) { call in
            try call.reply(
                ListPage(
                    ObjectiveCatalogue.all.map { entry($0, "objective") }
                        + AdvantageCatalogue.all.map { entry($0, "advantage") }
                )
            )
        },
        Endpoint(
            .get,
            "/v1/rewards",
            "Rewards: parameters, defaults, ranges.",
            reply: .json(.page(of: CatalogueObject.schema)),
            stateVersion: { _ in 0 }
        ) { call in
            try call.reply(
                ListPage(
                    RewardCatalogue.all.map { type in
                        CatalogueObject(
                            name: type.name,
                            object: "reward",
                            summary: type.summary,
                            parameters: type.parameters
                        )
                    }
                )
            )
        },
    ]

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
