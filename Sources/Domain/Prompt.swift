/// What a completion is drawn for.
public enum Prompt: Sendable, Hashable, Codable {
    /// Raw text, tokenised as it is (special tokens in it recognised, none added).
    case text(String)
    /// A conversation, rendered by the model's chat template. A last turn by the assistant is left
    /// open and continued: its text is the `prefill` of every completion.
    case messages([ChatMessage])
    /// Token ids, taken as they are.
    case tokens([Int32])

    /// Words of the answer that are already there: the open last turn of the assistant.
    public var prefill: String {
        if case .messages(let list) = self, let last = list.last, last.role == "assistant" {
            return last.content
        }
        return ""
    }

    /// The text a reward sees as the prompt: the last user turn, the raw text, or nothing for tokens.
    public var rewardText: String {
        switch self {
        case .text(let text): text
        case .messages(let list): list.last { $0.role == "user" }?.content ?? ""
        case .tokens: ""
        }
    }
}
