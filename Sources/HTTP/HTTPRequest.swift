/// A complete request as handlers see it.
public struct HTTPRequest: Sendable {
    /// Everything before the body.
    public var head: RequestHead
    /// The body, decoded from its framing: all of it, but for long ones of a route that spools them.
    public var body: [UInt8]
    /// What came before `body` of a long one that was spooled.
    var bodyFile: BodyFile?
    /// The values of the route's `{name}` parts, decoded.
    public var parameters: [String: String]
    /// The value of `x-request-id`, the client's if it was sane.
    public var id: String

    /// Makes a request, for tests of handlers and for in-process calls.
    public init(head: RequestHead, body: [UInt8] = [], id: String = "") {
        self.head = head
        self.body = body
        self.parameters = [:]
        self.id = id
    }

    /// The whole body, wherever it is kept.
    public var content: BodyContent { BodyContent(bodyFile, body) }

    /// The method.
    public var method: HTTPMethod { head.method }
    /// The decoded path.
    public var path: String { head.path }
    /// The decoded query.
    public var query: HTTPQuery { head.query }
    /// The header fields.
    public var headers: HTTPHeaders { head.headers }

    /// Whether the body is declared as this media type, parameters such as charset aside.
    public func hasContentType(_ mediaType: String) -> Bool {
        guard let value = headers.first(lowercased: "content-type") else { return false }
        let essence = value.prefix { $0 != ";" }.trimmingBlanks()
        return essence.lowercased() == mediaType.lowercased()
    }

    /// The charset that the body's content type names, in lower case; nil if it names none.
    public var charset: String? {
        guard let value = headers.first(lowercased: "content-type") else { return nil }
        for parameter in value.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingBlanks().lowercased() == "charset" else {
                continue
            }
            return parts[1].trimmingBlanks().filter { $0 != "\"" }.lowercased()
        }
        return nil
    }
}
