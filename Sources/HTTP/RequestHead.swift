/// A request before its body: what a server decides on whether to read the body at all.
public struct RequestHead: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// The request target as it was sent.
    public var target: String
    /// The decoded parts of the path: `/a/b%2Fc` is `["a", "b/c"]`.
    public var segments: [String]
    /// The decoded query.
    public var query: HTTPQuery
    /// The y of HTTP/1.y.
    public var minorVersion: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// How the body is framed.
    public var framing: BodyFraming
    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool
    /// Whether the client lets the connection live on (RFC 9112 §9.3).
    public var keepsAlive: Bool
    /// The address it came from, IPv6 ones by their /64; empty for Unix-domain sockets.
    public var peer = ""
    /// Whether the target was `*`.
    var isAsterisk = false

    /// The decoded path.
    public var path: String { isAsterisk ? "*" : "/" + segments.joined(separator: "/") }
}
