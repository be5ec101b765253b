/// A status code (RFC 9110 §15); any code from 100 to 599 can be made.
public struct HTTPStatus: RawRepresentable, Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The three digits.
    public var rawValue: Int

    /// Any code; those out of 100...599 become 500.
    public init(rawValue: Int) {
        self.rawValue = (100...599).contains(rawValue) ? rawValue : 500
    }

    /// Any code; those out of 100...599 become 500.
    public init(integerLiteral value: Int) { self.init(rawValue: value) }

    /// The phrase beside the code; empty for unknown ones, which RFC 9112 §4 allows.
    public var reason: String { HTTPStatus.reasons[rawValue] ?? "" }

    /// Whether a reply of this status never has a body (RFC 9112 §6.3).
    var isBodiless: Bool { rawValue < 200 || rawValue == 204 || rawValue == 304 }

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted",
        204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found",
        303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        422: "Unprocessable Content", 423: "Locked", 428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage",
    ]
}
