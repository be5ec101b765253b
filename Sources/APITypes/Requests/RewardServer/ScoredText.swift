public import Domain

/// One text that another trainer wants scored.
public struct ScoredText: Sendable, Hashable {
    /// What the completion answers; empty where the client sends whole texts.
    public var prompt: String
    /// The text to score.
    public var completion: String
    /// The right answer as the client knows it; `nil` when it sent none.
    public var label: Value?

    /// A text; without a prompt it stands alone.
    public init(prompt: String = "", completion: String, label: Value? = nil) {
        self.prompt = prompt
        self.completion = completion
        self.label = label
    }

    /// The most texts of one request.
    public static let limit = 65_536

    /// A text or a list of texts, as vLLM's shapes take them.
    static let schema = Schema.oneOf([.string, .list(.string, count: 1...limit)])

    /// The texts in a checked value: one, or a list.
    static func texts(_ checked: Value?) -> [String] {
        if let text = checked?.stringValue { return [text] }
        return (checked?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// The reward model that a request names; clients that must send something send `model`.
    static let model = FieldDescription.optional(
        "model",
        .nullable(.string),
        "A reward model's name; absent or `model`: what the server's --serve-reward says."
    )

    /// The name in a checked request; `nil` for the server's own reward.
    static func model(_ checked: Value) -> String? {
        let name = checked["model"]?.stringValue ?? ""
        return name.isEmpty || name == "model" ? nil : name
    }
}
