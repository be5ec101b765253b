public import Domain

/// An evaluation as the API shows it.
public struct EvaluationObject: Sendable, Hashable, Codable {
    /// How far it is.
    public struct Progress: Sendable, Hashable, Codable {
        /// Units of work that are done.
        public var completed: Int
        /// Units of work in all; 0 until it has begun.
        public var total: Int

        /// So many of so many.
        public init(completed: Int, total: Int) {
            self.completed = completed
            self.total = total
        }
    }

    /// What requests name it by.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "evaluation"
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    public var state: RunState
    /// How far it is.
    public var progress: Progress
    /// The models that are measured.
    public var models: [String]
    /// The rewards as written.
    public var rewards: [Value]
    /// What came of it; absent until it has succeeded.
    public var result: Value?
    /// Why it failed; absent otherwise.
    public var error: RunObject.Failure?
    /// Seconds since 1970.
    public var createdAt: Int
    /// Seconds since 1970; absent before it began.
    public var startedAt: Int?
    /// Seconds since 1970; absent until it has succeeded, failed or been cancelled.
    public var finishedAt: Int?

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, order: EvaluationOrder, state: RunState, createdAt: Int) {
        self.id = id
        self.state = state
        self.createdAt = createdAt
        progress = Progress(completed: 0, total: 0)
        models = order.models
        rewards = order.rewards
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Evaluation",
        .object([
            .required("id", .string, "The evaluation's id."),
            .required("object", .choice(["evaluation"]), "Always `evaluation`."),
            .required(
                "state",
                .choice(
                    RunState.allCases.filter { $0 != .paused }.map { $0.rawValue }
                ),
                "Where it stands."
            ),
            .required(
                "progress",
                .object([
                    .required("completed", .count, "Units of work that are done."),
                    .required("total", .count, "Units of work in all."),
                ]),
                "How far it is."
            ),
            .required("models", .list(.string), "The models that are measured."),
            .required("rewards", .list(CatalogueEntrySchema.reward), "The rewards as written."),
            .optional("result", EvaluationResultSchema.schema, "What came of it."),
            .optional(
                "error",
                RunObject.Failure.schema,
                "Why it failed."
            ),
            .required("created_at", .count, "Seconds since 1970."),
            .optional("started_at", .count, "Seconds since 1970."),
            .optional("finished_at", .count, "Seconds since 1970."),
        ])
    )
}
