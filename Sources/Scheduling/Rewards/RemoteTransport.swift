/// Outgoing HTTP, as far as rewards need it; implemented beside the server, which has the sockets.
public protocol RemoteTransport: Sendable {
    /// Why requests to this URL are refused; `nil` when its host is allowed.
    func refusal(of url: String) -> String?

    /// Sends JSON and reads the whole reply, whatever its status; redirects are not followed.
    ///
    /// - Parameters:
    ///   - url: Where to.
    ///   - body: JSON text.
    ///   - timeout: For everything together.
    /// - Returns: The reply as it came.
    /// - Throws: `RemoteFailure` when there is no whole reply.
    func post(
        _ url: String,
        body: [UInt8],
        timeout: Duration
    ) async throws(RemoteFailure) -> RemoteReply
}

/// A reply of a remote service.
public struct RemoteReply: Sendable, Hashable {
    /// The status code.
    public let status: Int
    /// The body as it came.
    public let body: [UInt8]

    /// A reply as it came.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why there is no reply.
public struct RemoteFailure: Error, Sendable, Hashable {
    /// In plain words.
    public let message: String
    /// Whether another attempt may fare better.
    public let mayPass: Bool

    /// A failure; transient unless said otherwise.
    public init(_ message: String, mayPass: Bool = true) {
        self.message = message
        self.mayPass = mayPass
    }
}
