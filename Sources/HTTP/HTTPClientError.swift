/// Why a request of the client got no usable reply.
public enum HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is no `http://` URL.
    case invalidURL(String)
    /// No connection came about.
    case connectFailed(host: String, port: Int, reason: String)
    /// A deadline passed while doing what is named.
    case timedOut(during: String)
    /// The server closed before the reply was whole.
    case closedEarly
    /// The reply breaks the protocol.
    case invalidResponse(String)
    /// The body, or one event of a stream, is over the limit.
    case tooLong(limit: Int)
    /// No thread, socket or memory could be had.
    case system(String)

    /// What happened, with a mend where there is one.
    public var description: String {
        switch self {
        case .invalidURL(let text): "\(text) is not an http:// URL"
        case .connectFailed(let host, let port, let reason):
            "cannot connect to \(host):\(port): \(reason)"
        case .timedOut(let stage): "timed out while \(stage)"
        case .closedEarly: "the server closed the connection before its reply was whole"
        case .invalidResponse(let message): "the reply is not HTTP: \(message)"
        case .tooLong(let limit): "the reply is longer than \(limit) bytes"
        case .system(let message): message
        }
    }
}
