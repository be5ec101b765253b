/// One request in work on a connection and the reply it will get.
struct Exchange: Sendable {
    let sequence: UInt64
    let requestID: String
    let routeIndex: Int
    let isHead: Bool
    let minorVersion: Int
    var keepsAlive: Bool
    /// When the request was complete, in nanoseconds.
    let startedAt: UInt64
    /// When it is answered 503, in nanoseconds.
    let expiresAt: UInt64
    var response: HTTPResponse?
    /// The memory that the request's body takes until it is answered.
    var share: BodyBudget.Share?
}

/// One answered request, for logs and metrics.
struct ServedRequest: Sendable {
    let requestID: String
    let routeIndex: Int
    let status: HTTPStatus
    let nanoseconds: UInt64
}
