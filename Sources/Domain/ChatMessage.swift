/// One turn of a conversation, as chat templates and OpenAI's clients have it.
public struct ChatMessage: Sendable, Hashable, Codable {
    /// `system`, `user`, `assistant` or what else the model's template knows.
    public var role: String
    /// What was said, as plain text.
    public var content: String

    /// One turn: who speaks and what is said.
    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
