import Domain
import Foundation
import Store

/// Who asks: the bearer of a live token.
struct Caller: Sendable, Hashable {
    /// The token's id.
    let id: String
    let scopes: Set<TokenScope>
    /// The only annotator that the caller speaks as; `nil`: any.
    let annotator: String?
    /// What the caller may ask for, the server's defaults filled in.
    let limits: TokenLimits
    let expiresAt: Date?

    init(_ token: TokenRecord, defaults: TokenLimits) {
        (id, scopes, annotator) = (token.id, token.scopes, token.annotator)
        limits = token.limits.filled(from: defaults)
        expiresAt = token.expiresAt
    }
}

extension EndpointCall {
    /// Who the caller speaks as, when a request names `annotator`.
    ///
    /// - Throws: `.forbidden` for somebody else.
    func speaker(_ annotator: String?) throws(HoneError) -> String? {
        guard let own = caller?.annotator else { return annotator }
        guard annotator == nil || annotator == own else {
            throw HoneError(
                .forbidden,
                "this token speaks for the annotator \"\(own)\" only: leave annotator out",
                param: "annotator"
            )
        }
        return own
    }

    /// The body with the caller's own annotator where it names none.
    func bodyOfSpeaker() throws(HoneError) -> Value {
        guard caller?.annotator != nil, var fields = body.objectValue else { return body }
        if let named = fields["annotator"], named.stringValue == nil { return body }
        fields["annotator"] = try speaker(fields["annotator"]?.stringValue).map { .string($0) }
        return .object(fields)
    }

    /// Whether something of this annotator's exists for the caller.
    func owns(_ annotator: String?) -> Bool {
        guard let own = caller?.annotator else { return true }
        return annotator == own
    }

    /// Refuses a caller who speaks for one annotator only what is told by many.
    ///
    /// - Throws: `.forbidden`.
    func requireAnySpeaker() throws(HoneError) {
        guard let own = caller?.annotator else { return }
        throw HoneError(
            .forbidden,
            "this token speaks for the annotator \"\(own)\" only, and a tool tells of many: make one "
                + "with `hone token create --any-annotator`"
        )
    }

    /// Counts tokens against what the caller may draw.
    func charge(tokens: Int) { context.gate.charge(caller, tokens: tokens) }
}
