public import Domain

/// `POST /v1/annotations/gold`: comparisons whose answer is known, one or a list.
public struct GoldRequest: Sendable, Hashable {
    /// One comparison.
    public struct Item: Sendable, Hashable {
        /// What both texts answer.
        public var prompt: Prompt
        /// A text.
        public var first: String
        /// The other.
        public var second: String
        /// Which is the better one: `first` or `second`.
        public var truth: Verdict.Choice
    }

    /// The comparisons, in their order.
    public var items: [Item]
    /// The run that they are mixed into, by id or name; `nil`: all.
    public var run: String?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        run = checked["run"]?.stringValue
        items = []
        var faults: [Fault] = []
        for (place, element) in (checked["items"]?.arrayValue ?? []).enumerated() {
            let texts = (element["completions"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard texts.count == 2, texts[0] != texts[1] else {
                let message = "must be two different texts"
                faults.append(Fault(path: "$.items[\(place)].completions", message: message))
                continue
            }
            items.append(
                Item(
                    prompt: element["prompt"].map(PromptInput.prompt) ?? .text(""),
                    first: texts[0],
                    second: texts[1],
                    truth: element["value"]?.stringValue == "second" ? .second : .first
                )
            )
        }
        if !faults.isEmpty { throw Faults(faults) }
    }

    private static let item = Schema.named(
        "GoldItem",
        .object([
            .required("prompt", PromptInput.schema, "What both texts answer."),
            .required("completions", .list(.string, count: 2...2), "The two texts."),
            .required("value", .choice(["first", "second"]), "Which is the better one."),
        ])
    )

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "GoldRequest",
        .object([
            .required(
                "items",
                .list(item, count: 1...FeedbackRequest.mostItems),
                "The comparisons, all kept or none."
            ),
            .optional("run", .text, "The run that they are mixed into, by id or name; else all."),
        ])
    )
}
