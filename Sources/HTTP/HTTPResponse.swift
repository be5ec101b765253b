/// A reply.
///
/// `content-length`, `transfer-encoding`, `connection`, `date` and `x-request-id` are the server's:
/// it writes them itself, and drops those that a handler sets (`connection: close` is obeyed).
public struct HTTPResponse: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        /// Bytes in memory.
        case bytes([UInt8])
        /// Written while it is made, in chunks; the closure's task is cancelled when the client goes.
        case stream(@Sendable (ResponseWriter) async throws -> Void)
        /// A regular file, read when it is sent.
        case file(path: String)
    }

    /// The status.
    public var status: HTTPStatus
    /// The header fields, in the order they are sent.
    public var headers: HTTPHeaders
    /// The body; not sent to HEAD and with 204 and 304.
    public var body: Body
    /// What a stream sends when it has been silent for `heartbeatInterval`.
    public var heartbeat: [UInt8] = []
    /// How long a stream is silent before a heartbeat; nil for none.
    public var heartbeatInterval: Duration?
    /// Whether a stream ends in time by itself when the server does; one that does not is cancelled.
    public var endsItself = true

    /// Makes a reply.
    public init(
        _ status: HTTPStatus = 200,
        headers: HTTPHeaders = HTTPHeaders(),
        body: Body = .bytes([])
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A reply of bytes of a media type.
    public init(_ status: HTTPStatus = 200, contentType: String, bytes: [UInt8]) {
        self.init(status, headers: ["content-type": contentType], body: .bytes(bytes))
    }

    /// A reply of plain text in UTF-8.
    public static func text(_ text: String, status: HTTPStatus = 200) -> HTTPResponse {
        HTTPResponse(status, contentType: "text/plain; charset=utf-8", bytes: Array(text.utf8))
    }

    /// An event stream (WHATWG HTML §9.2).
    ///
    /// A comment is sent whenever it is silent for `heartbeat`, so that proxies keep it open and a
    /// vanished client is noticed.
    ///
    /// - Parameters:
    ///   - heartbeat: How long it is silent before a comment; nil for none.
    ///   - endsItself: Whether it ends in time when the server does, because what it tells of ends or
    ///     because its producer is told; one that does not is cancelled then.
    ///   - produce: Sends the events.
    /// - Returns: The reply.
    public static func events(
        heartbeat: Duration? = .seconds(15),
        endsItself: Bool = false,
        _ produce: @escaping @Sendable (EventWriter) async throws -> Void
    ) -> HTTPResponse {
        var response = HTTPResponse(
            headers: [
                "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache",
                "x-accel-buffering": "no",
            ],
            body: .stream { try await produce(EventWriter(writer: $0)) }
        )
        response.heartbeat = Array(":\n\n".utf8)
        response.heartbeatInterval = heartbeat
        response.endsItself = endsItself
        return response
    }
}
