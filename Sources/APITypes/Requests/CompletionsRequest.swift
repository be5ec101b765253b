public import Domain

/// `POST /v1/completions`.
public struct CompletionsRequest: Sendable, Hashable {
    /// What is asked for as in a chat.
    public var options: GenerationOptions
    /// What to complete.
    public var prompts: [Prompt]
    /// Completions drawn for each prompt, of which those with the highest mean log-probability are
    /// returned.
    public var candidates: Int
    /// Whether choices begin with their prompt.
    public var echoes: Bool
    /// How many of the likeliest tokens are told beside each token; `nil`: no log-probabilities.
    public var alternatives: Int?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        var faults: [Fault] = []
        let checked = Self.schema.check(value, path: "$", &faults)
        let count = checked["n"]?.integerValue ?? 1
        candidates = checked["best_of"]?.integerValue ?? count
        echoes = checked["echo"]?.boolValue ?? false
        let maxTokens = checked["max_tokens"]?.integerValue ?? 16
        if value.objectValue != nil {
            faults += GenerationOptions.faults(checked) + Self.foreign.faults(checked)
            if candidates < count {
                let message = "must be at least n, which is \(count)"
                faults.append(Fault(path: "$.best_of", message: message))
            }
            if candidates > count, checked["stream"]?.boolValue == true {
                let message = "chooses when all are drawn, and so does not go with stream"
                faults.append(Fault(path: "$.best_of", message: message))
            }
            if maxTokens == 0, !echoes {
                let message = "must be at least 1, or 0 with echo, which only reads the prompt"
                faults.append(Fault(path: "$.max_tokens", message: message))
            }
        }
        if !faults.isEmpty { throw Faults(faults) }
        options = GenerationOptions(checked, maxTokens: maxTokens)
        prompts = Self.prompts(checked["prompt"] ?? .null)
        alternatives = checked["logprobs"]?.integerValue
    }

    /// A text, texts, tokens or lists of tokens.
    private static func prompts(_ checked: Value) -> [Prompt] {
        if let text = checked.stringValue { return [.text(text)] }
        let elements = checked.arrayValue ?? []
        if elements.first?.integerValue != nil { return [.tokens(PromptInput.tokens(checked))] }
        return elements.map { element in
            element.stringValue.map { .text($0) } ?? .tokens(PromptInput.tokens(element))
        }
    }

    private static let foreign: [ForeignField] = [
        .refused("suffix", "nothing is filled in before a suffix", neutral: "")
    ]

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "CompletionsRequest",
        .object(
            GenerationOptions.fields + foreign.map(\.description) + [
                .required(
                    "prompt",
                    .oneOf([
                        .string, .list(.string, count: 1...2048), PromptInput.tokens,
                        .list(PromptInput.tokens, count: 1...2048),
                    ]),
                    "What to complete: a text, texts, token ids or lists of them."
                ),
                .field(
                    "max_tokens",
                    .integer(0...1_048_576),
                    default: 16,
                    "The most tokens of one completion; 0 with echo only reads the prompt."
                ),
                .optional(
                    "best_of",
                    .integer(1...1024),
                    "Draw so many and return the n with the highest mean log-probability."
                ),
                .field("echo", .bool, default: false, "Whether choices begin with their prompt."),
                .optional(
                    "logprobs",
                    .integer(0...20),
                    "How many of the likeliest tokens are told beside each token; 0 tells the token's own."
                ),
            ]
        )
    )
}
