import Domain

/// Who may ask an endpoint; every declaration says it, so that none is open by oversight.
enum EndpointAccess: Sendable, Hashable {
    /// Anybody who can connect: nothing that is anyone's own is told.
    case open
    /// Whoever signs the request with a secret of its own, which the endpoint checks itself.
    case signed
    /// Bearers of a token of this scope, where tokens are asked for.
    case scope(TokenScope)

    static let read = EndpointAccess.scope(.read)
    static let annotate = EndpointAccess.scope(.annotate)
    static let generate = EndpointAccess.scope(.generate)
    static let train = EndpointAccess.scope(.train)
    static let admin = EndpointAccess.scope(.admin)
}
