/// A whole reply.
public struct ClientResponse: Sendable {
    /// The status.
    public let status: HTTPStatus
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body, decoded from its framing.
    public let body: [UInt8]
}
