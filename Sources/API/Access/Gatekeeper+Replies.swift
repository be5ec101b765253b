import Domain
import HTTP

// What refused requests are told (RFC 6750 §3).
extension Gatekeeper {
    static let missing = challenge(
        HoneError(
            .unauthorized,
            "this server asks for a token: send `Authorization: Bearer TOKEN` (`hone token create` "
                + "makes one; HONE_TOKEN holds it for hone)",
            param: "Authorization"
        ),
        #"Bearer realm="hone""#
    )

    static let invalid = challenge(
        HoneError(
            .unauthorized,
            "the token is unknown, has expired or was revoked",
            param: "Authorization"
        ),
        #"Bearer realm="hone", error="invalid_token""#
    )

    static func insufficient(_ caller: Caller, _ scope: TokenScope) -> HTTPResponse {
        challenge(
            HoneError(
                .forbidden,
                "this needs a token of the scope \(scope.rawValue); yours has \(caller.scopes.words)",
                param: scope.rawValue
            ),
            #"Bearer realm="hone", error="insufficient_scope", scope="\#(scope.rawValue)""#
        )
    }

    private static func challenge(_ error: HoneError, _ words: String) -> HTTPResponse {
        var response = HTTPResponse.error(error)
        response.headers["www-authenticate"] = words
        return response
    }
}
