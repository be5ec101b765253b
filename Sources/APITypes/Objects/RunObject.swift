public import Domain

/// A run as the API shows it.
public struct RunObject: Sendable, Hashable, Codable {
    /// Why a run failed or was stopped.
    public struct Failure: Sendable, Hashable, Codable {
        /// A stable code of the catalogue.
        public var code: String
        /// What happened, in words.
        public var message: String
        /// The field, file or name at fault; absent when there is none.
        public var param: String?

        /// Makes one; fields that are not named here can be set after.
        public init(_ error: HoneError) {
            code = error.code.rawValue
            message = error.message
            param = error.param
        }

        static let schema = Schema.object([
            .required("code", .string, "A stable code."),
            .required("message", .string, "What happened."),
            .optional("param", .string, "The field, file or name at fault."),
        ])
    }

    /// What requests name it by.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "run"
    /// As spelled in requests.
    public var name: String
    /// `online`, `offline`, `reward_model`, `sft` or `external`.
    public var kind: String
    /// Where it stands.
    public var state: RunState
    /// What the current iteration is doing.
    public var phase: String?
    /// The last finished iteration; 0 before the first.
    public var iteration: Int
    /// Iterations in all.
    public var iterations: Int
    /// Place in the queue, 1 is next.
    public var queuePosition: Int?
    /// Optimizer steps behind the weights.
    public var policyVersion: Int
    /// What it starts from: a model's name, or RUN@ITERATION.
    public var model: String
    /// The name of the result among the models.
    public var publishAs: String
    /// The checkpoint a fork started from, RUN@ITERATION.
    public var parent: String?
    /// Why it failed or was stopped; absent otherwise.
    public var error: Failure?
    /// Seconds since 1970.
    public var createdAt: Int
    /// Seconds since 1970; absent before it first ran.
    public var startedAt: Int?
    /// Seconds since 1970; absent until it has succeeded, failed or been cancelled.
    public var finishedAt: Int?
    /// The held-out rewards' curves over the distance from the start; absent in lists, and before
    /// there is enough to fit.
    public var overoptimisation: [RewardCurveObject]?
    /// The newest event there was before the rest of this was read, for those who follow it from here
    /// on; absent in lists.
    public var lastEvent: Int?
    /// The whole spec with every default.
    public var spec: Value

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, spec: RunSpec, state: RunState, createdAt: Int) {
        self.id = id
        self.state = state
        self.createdAt = createdAt
        name = spec.name
        kind = spec.kind.rawValue
        iteration = 0
        iterations = spec.iterations
        policyVersion = 0
        model = spec.model
        publishAs = spec.publishAs
        self.spec = RunSpecWriter.value(spec)
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Run",
        .object([
            .required("id", .string, "The run's id."),
            .required("object", .choice(["run"]), "Always `run`."),
            .required("name", .string, "The owner's name for it."),
            .required("kind", RunSpecSchema.choice(RunKind.self), "What it does."),
            .required("state", RunSpecSchema.choice(RunState.self), "Where it stands."),
            .optional("phase", RunSpecSchema.choice(RunPhase.self), "What it is doing."),
            .required("iteration", .count, "The last finished iteration."),
            .required("iterations", .count, "Iterations in all."),
            .optional("queue_position", .count, "Place in the queue, 1 is next."),
            .required("policy_version", .count, "Optimizer steps since the start."),
            .required("model", .string, "The model it starts from."),
            .required("publish_as", .string, "The name of the result."),
            .optional("parent", .string, "The checkpoint a fork started from."),
            .optional(
                "error",
                RunObject.Failure.schema,
                "Why it failed or was stopped."
            ),
            .required("created_at", .count, "Seconds since 1970."),
            .optional("started_at", .count, "Seconds since 1970."),
            .optional("finished_at", .count, "Seconds since 1970."),
            .optional(
                "overoptimisation",
                .list(RewardCurveObject.schema),
                "Held-out rewards over the distance from the start, fitted; of one run only."
            ),
            .optional(
                "last_event",
                .count,
                "The newest event before this was read: go on after it; of one run only."
            ),
            .required("spec", RunSpecSchema.schema, "The spec with every default."),
        ])
    )
}
