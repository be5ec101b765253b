public import Domain

/// A comparison whose answer is known.
public struct GoldObject: Sendable, Hashable, Codable {
    /// Its number.
    public var id: Int
    /// The kind of object.
    public var object = "annotation.gold"
    /// The run that it is mixed into; `nil`: all.
    public var run: String?
    /// What both texts answer.
    public var prompt: Value
    /// The two texts.
    public var completions: [String]
    /// Which is the better one.
    public var value: String
    /// Answers there are.
    public var answered: Int
    /// Those that were right.
    public var right: Int

    /// Makes one; `run` can be set after.
    public init(
        id: Int,
        prompt: Prompt,
        completions: [String],
        value: Verdict.Choice,
        answered: Int,
        right: Int
    ) {
        self.id = id
        self.prompt = PromptInput.value(prompt)
        self.completions = completions
        self.value = value.rawValue
        (self.answered, self.right) = (answered, right)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "GoldAnnotation",
        .object([
            .required("id", .count, "Its number."),
            .required("object", .choice(["annotation.gold"]), "Always `annotation.gold`."),
            .optional("run", .string, "The run that it is mixed into; else all."),
            .required("prompt", PromptInput.schema, "What both texts answer."),
            .required("completions", .list(.string, count: 2...2), "The two texts."),
            .required("value", .choice(["first", "second"]), "Which is the better one."),
            .required("answered", .count, "Answers there are."),
            .required("right", .count, "Those that were right."),
        ])
    )
}
