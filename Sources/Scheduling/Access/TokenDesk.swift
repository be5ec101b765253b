public import Domain
import Foundation
public import Store

/// What a new token shall be.
public struct NewToken: Sendable, Hashable {
    /// What people call it.
    public var name: String
    /// What its bearer may do.
    public var scopes: Set<TokenScope>
    /// The annotator that its bearer speaks as; `nil`: the token's name, where it may only annotate.
    public var annotator: String?
    /// Whether its bearer speaks as anybody, as annotation tools must.
    public var speaksForAnyone = false
    /// How much its bearer may ask for.
    public var limits = TokenLimits()
    /// Seconds after which it ends by itself; `nil`: never.
    public var lifetime: Int?

    /// An order; fields that are not named here can be set after.
    public init(name: String, scopes: Set<TokenScope>) {
        (self.name, self.scopes) = (name, scopes)
    }
}

/// Where tokens are made and revoked: the rules over what the store keeps.
public struct TokenDesk: Sendable {
    /// What is kept.
    public let store: DataStore

    /// A desk over a store.
    public init(store: DataStore) { self.store = store }

    /// Makes a token.
    ///
    /// - Returns: its record, and its text, which is nowhere else and cannot be had again.
    /// - Throws: `.invalidRequest`, `.alreadyExists`.
    public func create(
        _ order: NewToken
    ) async throws(HoneError) -> (record: TokenRecord, text: String) {
        try check(order)
        let token = AccessToken()
        var record = TokenRecord(
            id: token.id,
            digest: token.digest,
            name: order.name,
            scopes: order.scopes,
            createdAt: store.now()
        )
        record.annotator = order.annotator
        // Who may only annotate is a person, unless it is said to be a tool that many use.
        let isPerson = !order.scopes.grants(.train) && order.scopes.contains(.annotate)
        if isPerson, !order.speaksForAnyone { record.annotator = order.annotator ?? order.name }
        record.limits = order.limits
        record.expiresAt = order.lifetime.map { store.now().addingTimeInterval(Double($0)) }
        try await store.insertToken(record)
        return (record, token.text)
    }

    private func check(_ order: NewToken) throws(HoneError) {
        if let problem = ResourceName.problem(order.name) {
            throw HoneError(.invalidRequest, "a token's name \(problem)", param: "name")
        }
        guard !order.scopes.isEmpty else {
            let all = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
            throw HoneError(.invalidRequest, "give at least one scope of: \(all)", param: "scopes")
        }
        guard let annotator = order.annotator else { return }
        guard order.scopes.contains(.annotate), !order.scopes.grants(.train) else {
            throw HoneError(
                .invalidRequest,
                "only a token of the scope annotate, without train or admin, can be bound to an "
                    + "annotator",
                param: "annotator"
            )
        }
        guard !annotator.isEmpty, !order.speaksForAnyone else {
            throw HoneError(
                .invalidRequest,
                "name an annotator, or let the token speak for anyone: not both",
                param: "annotator"
            )
        }
    }

    /// Every token there ever was, oldest first.
    public func all() async throws(HoneError) -> [TokenRecord] { try await store.tokens() }

    /// Ends a token for good, by its id or name.
    ///
    /// - Throws: `.notFound`.
    public func revoke(_ token: String) async throws(HoneError) -> TokenRecord {
        try await store.revokeToken(token)
    }
}

extension ControlPlane {
    /// Where tokens are made and revoked.
    public nonisolated var tokens: TokenDesk { TokenDesk(store: store) }
}
