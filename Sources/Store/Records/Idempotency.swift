/// What is known of an `Idempotency-Key`.
public enum IdempotencyClaim: Sendable, Hashable {
    /// Not seen before; it is now claimed by the caller, who finishes or abandons it.
    case claimed
    /// Done before with the same body: answer this again.
    case replay(status: Int, body: String)
    /// Claimed by a request that has not been answered yet.
    case inProgress
    /// Used before with another body.
    case conflict
}
