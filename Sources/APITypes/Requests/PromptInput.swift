public import Domain

/// A prompt in JSON: a text, a list of messages, or a list of token ids.
public enum PromptInput {
    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named("Prompt", .oneOf([.string, messages, tokens]))

    private static let messages = Schema.list(
        .named(
            "Message",
            .object([
                .required("role", .text, "system, user, assistant or what the template knows."),
                .required("content", .string, "What was said."),
            ])
        ),
        count: 1...100_000
    )

    static let tokens = Schema.list(.integer(0...Int(Int32.max)), count: 1...16_777_216)

    /// The prompt in a checked value.
    public static func prompt(_ checked: Value) -> Prompt {
        if let text = checked.stringValue { return .text(text) }
        let elements = checked.arrayValue ?? []
        if elements.first?.objectValue == nil { return .tokens(tokens(checked)) }
        return .messages(
            elements.map {
                ChatMessage(
                    role: $0["role"]?.stringValue ?? "",
                    content: $0["content"]?.stringValue ?? ""
                )
            }
        )
    }

    /// The prompt in words, for people: its turns one below the other.
    public static func words(_ prompt: Prompt) -> String {
        switch prompt {
        case .text(let text): text
        case .messages(let messages) where messages.count == 1: messages[0].content
        case .messages(let messages):
            messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n")
        case .tokens(let tokens): "\(tokens.count) tokens"
        }
    }

    /// The prompt as it was given.
    public static func value(_ prompt: Prompt) -> Value {
        switch prompt {
        case .text(let text): .string(text)
        case .tokens(let tokens): .array(tokens.map { .integer(Int($0)) })
        case .messages(let messages):
            .array(
                messages.map {
                    ["role": .string($0.role), "content": .string($0.content)]
                }
            )
        }
    }

    /// The ids in a checked list of tokens.
    static func tokens(_ checked: Value) -> [Int32] {
        (checked.arrayValue ?? []).compactMap { $0.integerValue.flatMap(Int32.init(exactly:)) }
    }
}
