/// Makes the body of replies that the server itself gives (400, 404, 405, 408, 413, 500, 503, …).
public typealias ErrorRendering =
    @Sendable (HTTPStatus, _ message: String) -> (contentType: String, body: [UInt8])

extension HTTPResponse {
    /// An error as plain text, used where no other rendering is given.
    public static let plainErrors: ErrorRendering = { status, message in
        ("text/plain; charset=utf-8", Array("\(status.rawValue) \(message)\n".utf8))
    }

    static func error(
        _ status: HTTPStatus,
        _ message: String,
        _ rendering: ErrorRendering
    ) -> HTTPResponse {
        let (contentType, body) = rendering(status, message)
        return HTTPResponse(status, contentType: contentType, bytes: body)
    }
}
