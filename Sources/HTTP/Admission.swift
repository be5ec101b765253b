/// What the server decides on a request's head, before its body is read.
struct Admission: Sendable {
    enum Decision: Sendable {
        case accept(Route, parameters: [String: String], bodyLimit: Int)
        case refuse(HTTPResponse)
    }

    var requestID: String
    /// Index of the route, for metrics; -1 for none.
    var routeIndex: Int
    var decision: Decision
    /// The memory, or disk, that the body may take; grows with one whose length is not declared.
    var share: BodyBudget.Share?
    /// Where the body goes once it is long; nil: it stays in memory.
    var file: BodyFile?
}

/// What a connection asks of its surroundings at each step; all of it pure or injected.
struct ConnectionContext {
    /// Monotonic time in nanoseconds.
    var now: UInt64
    /// The `date` header line with CRLF.
    var dateLine: [UInt8]
    var admit: (RequestHead) -> Admission
    var makeRequestID: () -> String
    var renderError: (HTTPStatus, String) -> HTTPResponse
    /// The reply to a body for which there is no memory now.
    var noRoom: () -> HTTPResponse
}
