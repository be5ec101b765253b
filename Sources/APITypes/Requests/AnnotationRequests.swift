public import Domain

/// `POST /v1/annotations/lease`.
public struct LeaseRequest: Sendable, Hashable {
    /// The run that asks, by id or name; `nil`: any.
    public var run: String?
    /// Who wants to judge.
    public var annotator: String
    /// How many comparisons.
    public var count: Int
    /// For how long, seconds.
    public var seconds: Double

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        run = checked["run"]?.stringValue
        annotator = checked["annotator"]?.stringValue ?? ""
        count = checked["n"]?.integerValue ?? 1
        seconds = checked["ttl_seconds"]?.doubleValue ?? 600
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "LeaseRequest",
        .object([
            .optional("run", .text, "Comparisons of this run only, by id or name."),
            .required(
                "annotator",
                .text,
                "Who judges; nobody gets a comparison again that they answered or gave back."
            ),
            .field("n", .integer(1...100), default: 1, "How many comparisons."),
            .field(
                "ttl_seconds",
                .number(NumericRange(1, 86_400)),
                default: 600,
                "Unanswered after this time, they go to others."
            ),
        ])
    )
}

/// `POST /v1/annotations/{id}`.
public struct AnnotationAnswer: Sendable, Hashable {
    /// Which of the two as shown.
    public var choice: Verdict.Choice
    /// How sure.
    public var strength: Double?
    /// Why.
    public var rationale: String?
    /// How long it took, seconds.
    public var seconds: Double?

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        let verdict = checked["verdict"] ?? .null
        let word = verdict.stringValue ?? verdict["value"]?.stringValue ?? ""
        choice = Verdict.Choice(rawValue: word) ?? .tie
        strength = verdict["strength"]?.doubleValue
        rationale = verdict["rationale"]?.stringValue
        seconds = verdict["seconds"]?.doubleValue
    }

    private static let choice = Schema.choice(Verdict.Choice.allCases.map { $0.rawValue })

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "AnnotationAnswer",
        .object([
            .required(
                "verdict",
                .oneOf([
                    choice,
                    .object([
                        .field(
                            "kind",
                            .choice(["pairwise"]),
                            default: "pairwise",
                            "Two are compared."
                        ),
                        .required("value", choice, "Which of the two as they were shown."),
                        FeedbackRequest.strength,
                        .optional("rationale", .string, "Why."),
                        .optional("seconds", .number(.nonNegative), "How long it took."),
                    ]),
                ]),
                "Which of the two as they were shown is better."
            )
        ])
    )
}
