public import APITypes
public import Domain
import Presentation
import Scheduling
import Store

// Tokens of a data folder that no server holds: how the first one comes to be.
extension LocalSession {
    /// Makes a token; the reply holds its text.
    ///
    /// The same request as `POST /v1/tokens`.
    public func createToken(_ request: TokenRequest) async throws(HoneError) -> TokenObject {
        let (record, text) = try await control.tokens.create(NewToken(request))
        var object = TokenObject(record)
        object.token = text
        return object
    }

    /// Every token there ever was, oldest first, without its text.
    public func tokens() async throws(HoneError) -> [TokenObject] {
        try await control.tokens.all().map { TokenObject($0) }
    }

    /// Revokes a token by its id or name.
    ///
    /// - Throws: `.notFound`.
    public func revokeToken(_ token: String) async throws(HoneError) -> TokenObject {
        TokenObject(try await control.tokens.revoke(token))
    }
}
