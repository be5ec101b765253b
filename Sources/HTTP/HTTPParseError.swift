/// Why bytes are not an acceptable message, with the status to answer a request with.
public struct HTTPParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The status for the reply; 400 when the peer broke the syntax.
    public var status: HTTPStatus
    /// What was wrong, for the peer.
    public var message: String

    /// Makes an error.
    public init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The status and the message.
    public var description: String { "\(status.rawValue): \(message)" }

    static func syntax(_ message: String) -> HTTPParseError { HTTPParseError(400, message) }
}
