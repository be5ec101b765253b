/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable, Codable {
    /// Who speaks: `system`, `user`, `assistant`, or what else the model's template knows.
    public var role: String
    /// What is said.
    public var content: String

    /// Creates a turn.
    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
