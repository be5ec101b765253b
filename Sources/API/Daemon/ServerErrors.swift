import APITypes
import Domain
import Foundation
import HTTP

/// The server's own refusals in the shape every error has.
enum ServerErrors {
    static let rendering: ErrorRendering = { status, message in
        let body = ErrorBody(status: status.rawValue, code: code(status.rawValue), message: message)
        return ("application/json", Array((try? JSONText.encode(body)) ?? Data()))
    }

    private static func code(_ status: Int) -> String {
        switch status {
        case 401: ErrorCode.unauthorized.rawValue
        case 403: ErrorCode.forbidden.rawValue
        case 404: ErrorCode.notFound.rawValue
        case 405: "method_not_allowed"
        case 408: "request_timeout"
        case 411: "length_required"
        case 413: "content_too_large"
        case 414: "uri_too_long"
        case 415: "unsupported_media_type"
        case 429: ErrorCode.rateLimited.rawValue
        case 431: "header_fields_too_large"
        case 501: "not_implemented"
        case 503: ErrorCode.overloaded.rawValue
        case 507: ErrorCode.diskFull.rawValue
        case 505: "http_version_not_supported"
        case 500...: ErrorCode.internalError.rawValue
        default: ErrorCode.invalidRequest.rawValue
        }
    }
}
