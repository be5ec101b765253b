public import Domain

/// `POST /v1/fine_tuning/alpha/graders/run`: one completion to grade.
public struct GraderRunRequest: Sendable, Hashable {
    /// The grader's object.
    public var grader: Value
    /// The completion, which templates see as `sample.output_text`.
    public var sample: String
    /// What templates see as `item`.
    public var item: Value

    /// Reads a request; all faults at once.
    public init(_ value: Value) throws(Faults) {
        let checked = try Self.schema.check(value)
        grader = checked["grader"] ?? .null
        sample = checked["model_sample"]?.stringValue ?? ""
        item = checked["item"] ?? .object([:])
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "GraderRunRequest",
        .object([
            .required("grader", GraderValidation.grader, "A grader as OpenAI has them."),
            .required("model_sample", .string, "The completion: sample.output_text of templates."),
            .optional("item", .openObject([]), "The prompt's record: item of templates."),
        ])
    )
}

/// `POST /v1/fine_tuning/alpha/graders/validate`.
public struct GraderValidation: Sendable, Hashable, Codable {
    /// The grader's object, as it was given.
    public var grader: Value

    /// Reads a request.
    public init(_ value: Value) throws(Faults) {
        grader = try Self.schema.check(value)["grader"] ?? .null
    }

    static let grader = Schema.openObject([
        .required("type", .text, "string_check, text_similarity, score_model, …")
    ])

    /// The shape of request and reply.
    public static let schema = Schema.named(
        "GraderValidation",
        .object([.required("grader", grader, "A grader as OpenAI has them.")])
    )
}
