/// Makes the body of replies that the server itself gives (400, 404, 405, 408, 413, 500, 503, …).
public typealias ErrorRendering =
    @Sendable (HTTPStatus, _ message: String) -> (contentType: String, body: [UInt8])

extension HTTPResponse {
    /// An error as plain text, used where no other rendering is given.
    public static let plainErrors: ErrorRendering = { status, message in
        ("text/plain; charset=utf-8", Array("\(status.rawValue) \(message)\n".utf8))
    }

    /// A 415 that names the media types a route takes (RFC 9110 §15.5.16).
    public static func unsupportedMediaType(
        accepted: [String],
        errors: ErrorRendering = plainErrors
    ) -> HTTPResponse {
        let list = accepted.joined(separator: ", ")
        var response = HTTPResponse.error(415, "the content type must be \(list)", errors)
        response.headers["accept"] = list
        return response
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
