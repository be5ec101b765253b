import APITypes
import HTTP

/// A body that is refused by the rules of HTTP rather than of Hone (RFC 9110 §15.5.16).
struct Refusal: Error {
    let message: String
    /// What would have been taken.
    var headers = HTTPHeaders()

    var response: HTTPResponse {
        let body = ErrorBody(status: 415, code: "unsupported_media_type", message: message)
        var response = HTTPResponse.error(body, status: 415)
        for field in headers.fields { response.headers.append(field.name, field.value) }
        return response
    }

    static let notJSON = Refusal(
        message: "the body must be declared as JSON: add -H 'Content-Type: application/json' "
            + "(curl's --json does it; -d alone declares a form)"
    )

    static func coded(_ coding: String) -> Refusal {
        Refusal(
            message:
                "the body is declared as \(coding)-coded, which is not taken: send it as it is, "
                + "without Content-Encoding",
            headers: ["accept-encoding": "identity"]
        )
    }

    static func charset(_ charset: String) -> Refusal {
        Refusal(message: "JSON is UTF-8, not \(charset): convert the body, or leave charset out")
    }
}
