public import Domain
public import Foundation

/// A token as the store knows it: everything but its text.
public struct TokenRecord: Sendable, Hashable {
    /// Eight characters of its text, by which it is found.
    public var id: String
    /// SHA-256 of its text.
    public var digest: [UInt8]
    /// What people call it; unique among those that are not revoked.
    public var name: String
    /// What its bearer may do.
    public var scopes: Set<TokenScope>
    /// The only annotator that its bearer speaks as; `nil`: any.
    public var annotator: String?
    /// How much its bearer may ask for.
    public var limits: TokenLimits
    /// When it was made.
    public var createdAt: Date
    /// When it was last used, to within some minutes; `nil`: never.
    public var lastUsedAt: Date?
    /// When it ends by itself; `nil`: never.
    public var expiresAt: Date?
    /// When it was revoked.
    public var revokedAt: Date?

    /// A record of a new token; fields that are not named here can be set after.
    public init(
        id: String,
        digest: [UInt8],
        name: String,
        scopes: Set<TokenScope>,
        createdAt: Date
    ) {
        self.id = id
        self.digest = digest
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        limits = TokenLimits()
    }

    /// Whether it opens anything at this time.
    public func isLive(at time: Date) -> Bool {
        revokedAt == nil && expiresAt.map { $0 > time } ?? true
    }
}
