import APITypes
import Domain
import HTTP
import Presentation

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
            try call.reply(ListPage(Catalogues.objectives))
        },
        Endpoint(
            .get,
            "/v1/rewards",
            "Rewards: parameters, defaults, ranges.",
            needs: .read,
            reply: .json(.page(of: CatalogueObject.schema)),
            stateVersion: { _ in 0 }
        ) { call in
            try call.reply(ListPage(Catalogues.rewards))
        },
    ]
}
