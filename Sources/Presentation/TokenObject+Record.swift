public import APITypes
public import Scheduling
public import Store

extension NewToken {
    /// The token that a request is for.
    public init(_ request: TokenRequest) {
        self.init(name: request.name, scopes: request.scopes)
        (annotator, speaksForAnyone) = (request.annotator, request.speaksForAnyone)
        (limits, lifetime) = (request.limits, request.lifetime)
    }
}

extension TokenObject {
    /// A token without its text.
    public init(_ record: TokenRecord) {
        self.init(
            id: record.id,
            name: record.name,
            scopes: record.scopes,
            createdAt: record.createdAt.unixSeconds
        )
        (annotator, limits) = (record.annotator, record.limits)
        lastUsedAt = record.lastUsedAt?.unixSeconds
        expiresAt = record.expiresAt?.unixSeconds
        revokedAt = record.revokedAt?.unixSeconds
    }
}
