public import Domain
public import Foundation

/// A model's chat template: turns messages into the text that the model was trained on.
///
/// Templates are Jinja as `transformers` runs it (`trim_blocks` and `lstrip_blocks` on, loop
/// controls on, sandboxed). They come with the model, so they are not trusted: nesting, work and
/// output are limited.
public struct ChatTemplate: Sendable {
    /// Work allowed for a conversation of no length, in the interpreter's units.
    private static let baseWork = 2_000_000

    /// The longest template in bytes; published ones have up to some tens of thousands.
    private static let lengthLimit = 1 << 20

    /// The template as it was written.
    public let source: String
    private let nodes: [TemplateNode]

    /// Parses a template.
    /// - Throws: `invalidModelFile` saying what of it is not understood.
    public init(_ source: String) throws {
        self.source = source
        guard source.utf8.count <= Self.lengthLimit else {
            throw TemplateLexer.failure(
                "has \(source.utf8.count) bytes, more than the \(Self.lengthLimit) allowed"
            )
        }
        nodes = try TemplateParser.parse(source)
    }

    /// Renders a conversation.
    ///
    /// - Parameters:
    ///   - messages: the turns so far
    ///   - addGenerationPrompt: whether the text ends where the assistant is to answer
    ///   - bosToken: the text of the begin token, for `{{ bos_token }}`
    ///   - eosToken: the text of the end token
    ///   - variables: further variables, such as `tools` or `enable_thinking`
    ///   - now: the time that `strftime_now` tells
    /// - Returns: the prompt as text, special tokens written out.
    /// - Throws: `invalidRequest` when the template refuses the messages (`raise_exception`),
    ///   `invalidModelFile` when it cannot be run or does too much work.
    public func render(
        messages: [ChatMessage],
        addGenerationPrompt: Bool,
        bosToken: String? = nil,
        eosToken: String? = nil,
        variables: [String: Value] = [:],
        now: Date = Date()
    ) throws -> String {
        try render(
            conversation: messages.map {
                .object(["role": .string($0.role), "content": .string($0.content)])
            },
            addGenerationPrompt: addGenerationPrompt,
            bosToken: bosToken,
            eosToken: eosToken,
            variables: variables,
            now: now
        )
    }

    /// Renders messages that may hold more than text: calls of tools, lists of parts, reasoning.
    ///
    /// Fields come in order of their names wherever a template goes through them.
    /// - Parameters:
    ///   - conversation: the turns so far, each an object with a `role`
    ///   - addGenerationPrompt: whether the text ends where the assistant is to answer
    ///   - bosToken: the text of the begin token, for `{{ bos_token }}`
    ///   - eosToken: the text of the end token
    ///   - variables: further variables, such as `tools` or `enable_thinking`
    ///   - now: the time that `strftime_now` tells
    /// - Returns: the prompt as text, special tokens written out.
    /// - Throws: `invalidRequest` when the template refuses the messages (`raise_exception`),
    ///   `invalidModelFile` when it cannot be run or does too much work.
    public func render(
        conversation: [Value],
        addGenerationPrompt: Bool,
        bosToken: String? = nil,
        eosToken: String? = nil,
        variables: [String: Value] = [:],
        now: Date = Date()
    ) throws -> String {
        var context = variables.mapValues { TemplateValue($0) }
        context["messages"] = .items(conversation.map { TemplateValue($0) })
        context["add_generation_prompt"] = .bool(addGenerationPrompt)
        for name in ["tools", "documents"] where context[name] == nil {
            context[name] = TemplateValue.none
        }
        if let bosToken { context["bos_token"] = .string(bosToken) }
        if let eosToken { context["eos_token"] = .string(eosToken) }
        let size = (conversation + variables.values).reduce(0) { $0 + Self.size(of: $1) }
        var interpreter = TemplateInterpreter(
            variables: context,
            budget: TemplateInterpreter.Budget(Self.baseWork + size * 8),
            clock: { TemplateClock.text(of: now, $0) }
        )
        return try interpreter.render(nodes)
    }

    /// Bytes of text in `value`, and some for each part.
    private static func size(of value: Value) -> Int {
        switch value {
        case .string(let text): text.utf8.count + 16
        case .array(let items): items.reduce(16) { $0 + size(of: $1) }
        case .object(let fields):
            fields.reduce(16) { $0 + $1.key.utf8.count + size(of: $1.value) }
        default: 16
        }
    }
}
