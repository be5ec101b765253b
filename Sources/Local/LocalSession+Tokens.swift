public import Domain
import APITypes
import Scheduling

/// The line-by-line commands about tokens.
extension LocalSession {
    /// One line of `hone logprobs`: `{"tokens"}`, `{"prompt","completion"}` or `{"messages"}` →
    /// `{"tokens", "logprobs", "prompt_length"}`.
    public func logprobs(_ line: Value, model: String) async throws -> Value {
        let fields = try Self.sequence.check(line)
        let item: LogprobItem
        if let tokens = fields["tokens"] {
            item = LogprobItem(prompt: PromptInput.prompt(tokens))
        } else if let messages = fields["messages"] {
            item = LogprobItem(
                prompt: PromptInput.prompt(messages),
                completion: fields["completion"]?.stringValue
            )
        } else if let prompt = fields["prompt"]?.stringValue {
            item = LogprobItem(prompt: .text(prompt), completion: fields["completion"]?.stringValue)
        } else {
            throw HoneError(
                .invalidRequest,
                "a line has \"tokens\", \"messages\", or \"prompt\" and \"completion\""
            )
        }
        guard
            let result = try await control.logprobs(model: .model(model), items: [item]).first
        else { throw HoneError(.internalError, "no log-probabilities were given") }
        return [
            "tokens": Self.list(result.tokens),
            // Through text, so that a Float prints as short as it is.
            "logprobs": .array(
                result.logprobs.map { $0.flatMap { Double("\($0)") }.map { .number($0) } ?? .null }
            ),
            "prompt_length": .integer(result.promptLength),
        ]
    }

    // Open: lines of data files carry notes of their own, and `hone logprobs` reads what it wrote.
    private static let sequence = Schema.openObject([
        .optional("tokens", .list(.integer(0...Int(Int32.max)), count: 1...Int.max), "Token ids."),
        .optional("prompt", .string, "Raw text."),
        .optional("completion", .string, "Raw text that follows it."),
        .optional("messages", PromptInput.schema, "Rendered by the model's chat template."),
    ])

    /// One line of `hone tokenize`: `{"text","special"}` → `{"tokens"}`, `{"tokens"}` → `{"text"}`,
    /// `{"messages"}` → `{"text","tokens"}`.
    public func tokenize(_ line: Value, model: String) async throws -> Value {
        let fields = try Self.text.check(line)
        if let tokens = fields["tokens"]?.arrayValue {
            let ids = tokens.compactMap { $0.integerValue.flatMap(Int32.init(exactly:)) }
            let texts = try await control.decode(model: .model(model), sequences: [ids])
            return ["text": .string(texts.first ?? "")]
        }
        let prompt: Prompt
        if let messages = fields["messages"] {
            prompt = PromptInput.prompt(messages)
        } else if let text = fields["text"]?.stringValue {
            prompt = .text(text)
        } else {
            throw HoneError(.invalidRequest, "a line has \"text\", \"tokens\" or \"messages\"")
        }
        let encodings = try await control.encode(
            model: .model(model),
            items: [EncodingItem(prompt: prompt)],
            recognisesSpecialTokens: fields["special"]?.boolValue ?? true
        )
        guard let encoding = encodings.first else {
            throw HoneError(.internalError, "no tokens were given")
        }
        let tokens = Self.list(encoding.promptTokens)
        if case .messages = prompt {
            return ["text": .string(encoding.renderedPrompt), "tokens": tokens]
        }
        return ["tokens": tokens]
    }

    private static let text = Schema.openObject([
        .optional("text", .string, "The text to tokenise."),
        .field("special", .bool, default: true, "Whether special tokens are recognised."),
        .optional("tokens", .list(.integer(0...Int(Int32.max))), "Token ids to decode."),
        .optional("messages", PromptInput.schema, "Rendered by the model's chat template."),
    ])

    private static func list(_ tokens: [Int32]) -> Value {
        .array(tokens.map { .integer(Int($0)) })
    }
}
