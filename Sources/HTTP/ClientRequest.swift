/// A request to send.
///
/// `host`, `content-length` and `connection` are the client's to write.
public struct ClientRequest: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// Where to.
    public var url: HTTPURL
    /// The header fields.
    public var headers: HTTPHeaders
    /// The whole body.
    public var body: [UInt8]
    /// For all of a `send`, or for the head of a `stream`; the client's `timeout` if nil.
    public var timeout: Duration?

    /// Makes a request.
    public init(
        _ method: HTTPMethod,
        _ url: HTTPURL,
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = []
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The request as it is sent.
    var encoded: [UInt8] {
        var bytes = Array("\(method.rawValue) \(url.target) HTTP/1.1\r\n".utf8)
        ResponseEncoder.appendField("host", url.authority, to: &bytes)
        for field in headers.fields
        where !["host", "content-length", "connection", "transfer-encoding"].contains(field.name) {
            ResponseEncoder.appendField(field.name, field.value, to: &bytes)
        }
        if !body.isEmpty || [.post, .put, .patch].contains(method) {
            ResponseEncoder.appendField("content-length", String(body.count), to: &bytes)
        }
        bytes += [0x0D, 0x0A]
        return bytes + body
    }

    /// Whether sending it twice does what sending it once does (RFC 9110 §9.2.2).
    var isIdempotent: Bool { method != .post && method != .patch }
}
