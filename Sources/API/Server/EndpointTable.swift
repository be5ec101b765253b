public import HTTP

/// Every endpoint there is.
enum EndpointTable {
    static let all: [Endpoint] =
        system + models + rollouts + learning + evaluations + runs + runDetails + catalogues
        + feedback + annotations + gold + integrations
        + rewardServer + page
        + completions + files + fineTuning + graders
}

/// The HTTP face of Hone.
public enum APIRouter {
    /// A router over every endpoint.
    public static func router(_ context: APIContext) -> Router {
        Router(EndpointTable.all.map { $0.route(context) })
    }
}
