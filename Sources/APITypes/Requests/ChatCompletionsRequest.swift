public import Domain

/// `POST /v1/chat/completions`.
public struct ChatCompletionsRequest: Sendable, Hashable {
    /// What is asked for as in a completion.
    public var options: GenerationOptions
    /// The conversation; a last turn by the assistant is continued.
    public var messages: [ChatMessage]
    /// How many of the likeliest tokens are told beside each token; `nil`: no log-probabilities.
    public var alternatives: Int?

    /// The most tokens of an answer where the request does not say.
    static let defaultMaxTokens = 1024

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        let most = [checked["max_completion_tokens"], checked["max_tokens"]]
            .compactMap { $0?.integerValue }
        let isLogged = checked["logprobs"]?.boolValue ?? false
        let top = checked["top_logprobs"]?.integerValue
        messages = []
        if value.objectValue != nil {
            faults += GenerationOptions.faults(checked) + Self.foreign.faults(checked)
            if Set(most).count > 1 {
                let message = "differs from max_completion_tokens: give one of the two"
                faults.append(Fault(path: "$.max_tokens", message: message))
            }
            if top ?? 0 > 0, !isLogged {
                let message = "goes with \"logprobs\": true only"
                faults.append(Fault(path: "$.top_logprobs", message: message))
            }
            let list = checked["messages"]?.arrayValue ?? []
            for (index, message) in list.enumerated() {
                messages.append(ChatMessageInput.message(message, "$.messages[\(index)]", &faults))
            }
            faults += Self.contradictions(checked, continues: messages.last?.role == "assistant")
        }
        if !faults.isEmpty { throw Faults(faults) }
        options = GenerationOptions(checked, maxTokens: most.first ?? Self.defaultMaxTokens)
        alternatives = isLogged ? top ?? 0 : nil
    }

    /// vLLM's two ways to say whether a last turn of the assistant is continued: here it always is.
    private static func contradictions(_ checked: Value, continues: Bool) -> [Fault] {
        var faults: [Fault] = []
        if let wish = checked["continue_final_message"]?.boolValue, wish != continues {
            let message =
                continues
                ? "must be true: a last message by the assistant is continued"
                : "is for a last message by the assistant, which is not there"
            faults.append(Fault(path: "$.continue_final_message", message: message))
        }
        if let wish = checked["add_generation_prompt"]?.boolValue, wish == continues {
            let message =
                continues
                ? "must be false: a last message by the assistant is continued"
                : "must be true: the assistant's turn is begun"
            faults.append(Fault(path: "$.add_generation_prompt", message: message))
        }
        return faults
    }

    private static let foreign: [ForeignField] =
        [
            .refused("tools", "models call no tools here", neutral: []),
            .refused("tool_choice", "models call no tools here", neutral: "none", "auto"),
            .refused("functions", "models call no functions here", neutral: []),
            .refused("function_call", "models call no functions here", neutral: "none", "auto"),
            .refused(
                "response_format",
                "nothing constrains what is drawn: ask for JSON in the messages",
                neutral: ["type": "text"]
            ),
            .refused("modalities", "only text is written", neutral: ["text"]),
            .refused("audio", "only text is written"),
            .refused("reasoning_effort", "models do not reason apart", neutral: "none"),
            .refused("verbosity", "say it in the messages", neutral: "medium"),
            .refused("web_search_options", "nothing is searched"),
            .refused("chat_template", "the model's own template is used"),
            .refused("chat_template_kwargs", "the template knows messages only", neutral: [:]),
            .refused("documents", "the template knows messages only", neutral: []),
        ] + ["parallel_tool_calls", "prediction"].map { .ignored($0) }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "ChatCompletionsRequest",
        .object(
            GenerationOptions.fields + foreign.map(\.description) + [
                .required(
                    "messages",
                    .list(ChatMessageInput.schema, count: 1...100_000),
                    "The conversation; a last turn by the assistant is left open and continued."
                ),
                .optional(
                    "max_completion_tokens",
                    .integer(1...1_048_576),
                    "The most tokens of the answer; 1024 unless said."
                ),
                .optional(
                    "max_tokens",
                    .integer(1...1_048_576),
                    "The older name of max_completion_tokens."
                ),
                .field("logprobs", .bool, default: false, "Whether log-probabilities are told."),
                .optional(
                    "top_logprobs",
                    .integer(0...20),
                    "How many of the likeliest tokens are told beside each token."
                ),
                .optional(
                    "continue_final_message",
                    .bool,
                    "True with a last message by the assistant, else false."
                ),
                .optional(
                    "add_generation_prompt",
                    .bool,
                    "False with a last message by the assistant, else true."
                ),
            ]
        )
    )
}

/// A message as OpenAI's clients write it.
enum ChatMessageInput {
    private static let foreign: [ForeignField] = [
        .ignored("name"), .ignored("refusal"), .ignored("annotations"),
        .refused("tool_calls", "models call no tools here", neutral: []),
        .refused("tool_call_id", "models call no tools here"),
        .refused("function_call", "models call no functions here"),
        .refused("audio", "only text is read"),
    ]

    static let schema = Schema.named(
        "OpenAIMessage",
        .object(
            [
                .required("role", .text, "system, developer, user, assistant."),
                .required(
                    "content",
                    .oneOf([
                        .string, .list(.openObject([.required("type", .text, "Always text.")])),
                    ]),
                    "What was said: a text, or parts of type text."
                ),
            ] + foreign.map(\.description)
        )
    )

    /// The message of a checked value; `developer` is `system`'s newer name.
    static func message(_ checked: Value, _ path: String, _ faults: inout [Fault]) -> ChatMessage {
        faults += foreign.faults(checked, path: path)
        let role = checked["role"]?.stringValue ?? ""
        var content = checked["content"]?.stringValue ?? ""
        for (index, part) in (checked["content"]?.arrayValue ?? []).enumerated() {
            guard part["type"] == "text", let text = part["text"]?.stringValue else {
                let message = "must be {\"type\":\"text\",\"text\":…}: only text is read"
                faults.append(Fault(path: "\(path).content[\(index)]", message: message))
                continue
            }
            content += text
        }
        return ChatMessage(role: role == "developer" ? "system" : role, content: content)
    }
}
