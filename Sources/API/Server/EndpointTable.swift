package import Domain
public import HTTP

/// Every endpoint there is.
enum EndpointTable {
    static let all: [Endpoint] =
        system + models + rollouts + learning + evaluations + runs + runDetails + catalogues
        + feedback + annotations + gold + integrations
        + rewardServer + page
        + completions + files + fineTuning + graders + tokens
}

/// The HTTP face of Hone.
public enum APIRouter {
    /// A router over every endpoint.
    public static func router(_ context: APIContext) -> Router {
        Router(EndpointTable.all.map { $0.route(context) })
    }

    /// Method, path and the scope that each endpoint needs; `nil`: none.
    package static let scopes: [(method: HTTPMethod, path: String, scope: TokenScope?)] =
        EndpointTable.all.map { endpoint in
            let scope: TokenScope? =
                if case .scope(let scope) = endpoint.access { scope } else { nil }
            return (endpoint.method, endpoint.path, scope)
        }

    /// What decides on each head: whose page and who asks.
    static func admission(
        _ context: APIContext,
        _ hosts: HostGuard
    ) -> @Sendable (RequestHead, Route?) -> HTTPResponse? {
        let table = Dictionary(
            EndpointTable.all.map { (RouteName($0.method, $0.path), $0.access) }
        ) { first, _ in first }
        let gate = context.gate
        return { head, route in
            if let refusal = hosts.refusal(of: head) { return refusal }
            // A route that is not in the table can only be a mistake here: nobody may ask it.
            let access = route.map { table[RouteName($0.method, $0.template.text)] ?? .admin }
            return gate.refusal(of: head, access)
        }
    }

    private struct RouteName: Hashable {
        let method: HTTPMethod
        let path: String

        init(_ method: HTTPMethod, _ path: String) { (self.method, self.path) = (method, path) }
    }
}
