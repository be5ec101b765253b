/// One turn of a conversation, as chat templates and OpenAI's clients have it.
public struct ChatMessage: Sendable, Hashable, Codable {
    /// `system`, `user`, `assistant` or what else the model's template knows.
    public var role: String
    public var content: String

    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
