public import APITypes
public import Domain
import Foundation
import Scheduling
import Store

// Tokens of a data folder that no server holds: how the first one comes to be.
extension LocalSession {
    /// Makes a token; the reply holds its text.
    ///
    /// The same request as `POST /v1/tokens`.
    public func createToken(_ request: TokenRequest) async throws(HoneError) -> TokenObject {
        var order = NewToken(name: request.name, scopes: request.scopes)
        (order.annotator, order.speaksForAnyone) = (request.annotator, request.speaksForAnyone)
        (order.limits, order.lifetime) = (request.limits, request.lifetime)
        let (record, text) = try await control.tokens.create(order)
        var object = Self.object(record)
        object.token = text
        return object
    }

    /// Every token there ever was, oldest first, without its text.
    public func tokens() async throws(HoneError) -> [TokenObject] {
        try await control.tokens.all().map(Self.object)
    }

    /// Revokes a token by its id or name.
    ///
    /// - Throws: `.notFound`.
    public func revokeToken(_ token: String) async throws(HoneError) -> TokenObject {
        Self.object(try await control.tokens.revoke(token))
    }

    private static func object(_ record: TokenRecord) -> TokenObject {
        var object = TokenObject(
            id: record.id,
            name: record.name,
            scopes: record.scopes,
            createdAt: Int(record.createdAt.timeIntervalSince1970)
        )
        (object.annotator, object.limits) = (record.annotator, record.limits)
        object.lastUsedAt = record.lastUsedAt.map { Int($0.timeIntervalSince1970) }
        object.expiresAt = record.expiresAt.map { Int($0.timeIntervalSince1970) }
        object.revokedAt = record.revokedAt.map { Int($0.timeIntervalSince1970) }
        return object
    }
}
