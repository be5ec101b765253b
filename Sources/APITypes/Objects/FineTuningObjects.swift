public import Domain

/// A run as OpenAI's clients see a fine-tuning job.
public struct FineTuningJobObject: Sendable, Hashable {
    /// The job's id.
    public var id: String
    /// What was asked for, with what "auto" has become.
    public var request: Value
    /// Where its run stands.
    public var state: RunState
    /// Seconds since 1970.
    public var createdAt: Int
    /// Seconds since 1970; `nil` until it has ended.
    public var finishedAt: Int?
    /// The name under which the result is published; `nil` until it is.
    public var fineTunedModel: String?
    /// Why it failed.
    public var error: HoneError?
    /// Tokens that its steps have read; `nil` where that is not known.
    public var trainedTokens: Int?

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, request: Value, state: RunState, createdAt: Int) {
        self.id = id
        self.request = request
        self.state = state
        self.createdAt = createdAt
    }

    /// The object as it is sent: fields without a value are null, as OpenAI has it.
    public var value: Value {
        var fields = request.objectValue ?? [:]
        fields["id"] = .string(id)
        fields["object"] = "fine_tuning.job"
        fields["created_at"] = .integer(createdAt)
        fields["finished_at"] = finishedAt.map { .integer($0) } ?? .null
        fields["estimated_finish"] = .null
        fields["fine_tuned_model"] = fineTunedModel.map { .string($0) } ?? .null
        fields["organization_id"] = "hone"
        fields["result_files"] = []
        fields["integrations"] = []
        fields["status"] = .string(state.rawValue)
        fields["trained_tokens"] = trainedTokens.map { .integer($0) } ?? .null
        fields["error"] = .null
        if let error {
            fields["error"] = [
                "code": .string(error.code.rawValue), "message": .string(error.message),
                "param": error.param.map { .string($0) } ?? .null,
            ]
        }
        return .object(fields)
    }

    /// The shape for the OpenAPI document.
    public static let schema = Schema.named(
        "FineTuningJob",
        .object([
            .required("id", .string, "The job's id, also its run's name."),
            .required("object", .choice(["fine_tuning.job"]), "Always `fine_tuning.job`."),
            .required("created_at", .count, "Seconds since 1970."),
            .required("finished_at", .nullable(.count), "Null until it has ended."),
            .required("estimated_finish", .nullable(.count), "Always null."),
            .required("fine_tuned_model", .nullable(.string), "The result, once it is there."),
            .required("model", .string, "The model it starts from."),
            .required("organization_id", .string, "Always hone."),
            .required("result_files", .list(.string), "Always empty."),
            .required("integrations", .list(.any), "Always empty."),
            .required(
                "status",
                .choice(RunState.allCases.map { $0.rawValue }),
                "Where it stands."
            ),
            .required(
                "trained_tokens",
                .nullable(.count),
                "Tokens that steps have read, where known."
            ),
            .required("training_file", .string, "The file's id."),
            .required("validation_file", .nullable(.string), "The file's id."),
            .required("seed", .count, "The seed."),
            .required("metadata", .nullable(.map(.string)), "As it was given."),
            .required("hyperparameters", .openObject([]), "What auto has become."),
            .required("method", .openObject([]), "How it learns."),
            .required(
                "error",
                .nullable(
                    .object([
                        .required("code", .string, "A stable code."),
                        .required("message", .string, "What went wrong."),
                        .required("param", .nullable(.string), "What was at fault."),
                    ])
                ),
                "Why it failed."
            ),
        ])
    )
}

/// Something that happened to a fine-tuning job.
public struct FineTuningEventObject: Sendable, Hashable, Codable {
    /// Grows from event to event.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "fine_tuning.job.event"
    /// Seconds since 1970.
    public var createdAt: Int
    /// `info` or `error`.
    public var level: String
    /// In words.
    public var message: String
    /// `message` or `metrics`.
    public var type: String
    /// What the run says of it.
    public var data: Value

    /// An event of a run.
    public init(id: Int, kind: String, createdAt: Int, payload: Value) {
        self.id = "ftevent-\(id)"
        self.createdAt = createdAt
        level = payload["error"] == nil ? "info" : "error"
        type = kind == "metrics" ? "metrics" : "message"
        data = payload
        message = Self.message(kind, payload)
    }

    private static func message(_ kind: String, _ payload: Value) -> String {
        let iteration = payload["iteration"]?.integerValue.map { " of iteration \($0)" } ?? ""
        switch kind {
        case "state":
            let state = payload["state"]?.stringValue ?? ""
            return payload["error"]?["message"]?.stringValue.map { "\(state): \($0)" } ?? state
        default: return kind + iteration
        }
    }

    /// The number in an event's id; `nil` when it is none.
    public static func number(_ id: String) -> Int? {
        id.hasPrefix("ftevent-") ? Int(id.dropFirst("ftevent-".count)) : nil
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FineTuningEvent",
        .object([
            .required("id", .string, "Grows from event to event."),
            .required("object", .choice(["fine_tuning.job.event"]), "The kind of object."),
            .required("created_at", .count, "Seconds since 1970."),
            .required("level", .choice(["info", "warn", "error"]), "How bad it is."),
            .required("message", .string, "In words."),
            .required("type", .choice(["message", "metrics"]), "What it tells."),
            .required("data", .any, "What the run says of it."),
        ])
    )
}

/// A checkpoint of a fine-tuning job.
public struct FineTuningCheckpointObject: Sendable, Hashable, Codable {
    /// The checkpoint's id.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "fine_tuning.job.checkpoint"
    /// Seconds since 1970.
    public var createdAt: Int
    /// What `model` may be in other requests.
    public var fineTunedModelCheckpoint: String
    /// The job.
    public var fineTuningJobId: String
    /// OpenAI's names for what was measured; absent where it was not.
    public var metrics: [String: Double]
    /// Optimizer steps.
    public var stepNumber: Int

    /// A checkpoint with the metrics of its iteration.
    public init(
        job: String,
        iteration: Int,
        step: Int,
        createdAt: Int,
        measured: [String: Double]
    ) {
        id = "ftckpt-\(job)-\(iteration)"
        self.createdAt = createdAt
        fineTunedModelCheckpoint = "\(job)@\(iteration)"
        fineTuningJobId = job
        stepNumber = step
        metrics = ["step": Double(step)]
        let names = [
            ("train_loss", "policy/loss"), ("train_mean_reward", "reward/mean"),
            ("full_valid_mean_reward", "evaluation/reward_mean"),
            ("train_mean_preference_accuracy", "preference/accuracy"),
        ]
        for (name, own) in names {
            if let value = measured[own], value.isFinite { metrics[name] = value }
        }
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "FineTuningCheckpoint",
        .object([
            .required("id", .string, "The checkpoint's id."),
            .required("object", .choice(["fine_tuning.job.checkpoint"]), "The kind of object."),
            .required("created_at", .count, "Seconds since 1970."),
            .required("fine_tuned_model_checkpoint", .string, "A name that samples."),
            .required("fine_tuning_job_id", .string, "The job."),
            .required("metrics", .map(.number(.any)), "What was measured."),
            .required("step_number", .count, "Optimizer steps."),
        ])
    )
}
