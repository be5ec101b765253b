public import Domain

/// What a spec would take, and what is wrong with it.
public struct ValidationObject: Sendable, Hashable, Codable {
    /// The kind of object, for clients that meet it in a list.
    public var object = "validation"
    /// Whether the run can start: there are no faults.
    public var valid: Bool
    /// Everything wrong, each with its JSON path.
    public var faults: [Fault]
    /// Peak memory of the run's workers together, in bytes; absent when faults hid it.
    public var memoryBytes: Int?
    /// Disk for checkpoints and the result at most, in bytes; absent when faults hid it.
    public var diskBytes: Int?
    /// A rough estimate.
    public var seconds: Double?

    /// Makes one; fields that are not named here can be set after.
    public init(faults: [Fault], memoryBytes: Int? = nil, diskBytes: Int? = nil) {
        valid = faults.isEmpty
        self.faults = faults
        self.memoryBytes = memoryBytes
        self.diskBytes = diskBytes
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Validation",
        .object([
            .required("object", .choice(["validation"]), "Always `validation`."),
            .required("valid", .bool, "Whether the run can start."),
            .required("faults", .list(ErrorBody.fault), "Everything wrong."),
            .optional("memory_bytes", .count, "Peak memory of the run's workers."),
            .optional("disk_bytes", .count, "Disk for checkpoints and the result."),
            .optional("seconds", .number(.nonNegative), "A rough estimate of its time."),
        ])
    )
}

/// What one optimizer step did.
public struct UpdateObject: Sendable, Hashable, Codable {
    /// The kind of object, for clients that meet it in a list.
    public var object = "update"
    /// Optimizer steps behind the weights.
    public var policyVersion: Int
    /// Optimizer steps since the run's start.
    public var step: Int
    /// By their contract names; null where the number was not finite.
    public var metrics: [String: Double?]
    /// The verdicts that were learned from, where the request asked for some.
    public var feedback: [Int]?

    /// Makes one; fields that are not named here can be set after.
    public init(policyVersion: Int, step: Int, metrics: [String: Double]) {
        self.policyVersion = policyVersion
        self.step = step
        self.metrics = metrics.mapValues { $0.isFinite ? $0 : nil }
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Update",
        .object([
            .required("object", .choice(["update"]), "Always `update`."),
            .required("policy_version", .count, "The version after the step."),
            .required("step", .count, "Optimizer steps since the start."),
            .required("metrics", .map(.nullable(.number(.any))), "By their contract names."),
            .optional("feedback", .list(.count), "The verdicts that were learned from."),
        ])
    )
}

/// A worker process.
public struct WorkerObject: Sendable, Hashable, Codable {
    /// The kind of object, for clients that meet it in a list.
    public var object = "worker"
    /// What it was launched for.
    public var role: String
    /// `starting`, `idle`, `busy` or `dead`.
    public var state: String
    /// Its process.
    public var pid: Int
    /// Memory it holds, in bytes; 0 until it said.
    public var residentBytes: Int
    /// What it is doing, in words.
    public var activity: String
    /// Units of work done within its current request.
    public var completed: Int
    /// Units of work to do within its current request; 0 when unknown.
    public var total: Int
    /// Workers of this role launched before it.
    public var restarts: Int

    /// Makes one; fields that are not named here can be set after.
    public init(role: String, state: String, pid: Int, residentBytes: Int, activity: String) {
        self.role = role
        self.state = state
        self.pid = pid
        self.residentBytes = residentBytes
        self.activity = activity
        completed = 0
        total = 0
        restarts = 0
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Worker",
        .object([
            .required("object", .choice(["worker"]), "Always `worker`."),
            .required("role", .string, "What it was launched for."),
            .required("state", .string, "starting, idle, busy or dead."),
            .required("pid", .count, "Its process."),
            .required("resident_bytes", .count, "Memory it holds."),
            .required("activity", .string, "What it is doing; empty when idle."),
            .required("completed", .count, "Units of work done in its request."),
            .required("total", .count, "Units of work to do; 0 when unknown."),
            .required("restarts", .count, "Workers of this role launched before it."),
        ])
    )
}

/// What is left of something deleted.
public struct DeletedObject: Sendable, Hashable, Codable {
    /// What requests name it by.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object: String
    /// Always true.
    public var deleted = true

    /// Makes one; fields that are not named here can be set after.
    public init(id: String, object: String) {
        self.id = id
        self.object = object
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Deleted",
        .object([
            .required("id", .string, "What was deleted."),
            .required("object", .string, "What kind of thing it was."),
            .required("deleted", .bool, "Always true."),
        ])
    )
}

/// The scores of `POST /v1/rewards`, in the order of the items.
public struct ScoresObject: Sendable, Hashable, Codable {
    /// The kind of object, for clients that meet it in a list.
    public var object = "scores"
    /// One for each item of the request, in its order.
    public var scores: [ScoreObject]

    /// Makes one of its content.
    public init(_ scores: [ScoreObject]) { self.scores = scores }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Scores",
        .object([
            .required("object", .choice(["scores"]), "Always `scores`."),
            .required("scores", .list(ScoreObject.schema), "In the order of the items."),
        ])
    )
}

/// How the server is.
public struct HealthObject: Sendable, Hashable, Codable {
    /// `ok` when the process answers, `ready` when it can take work.
    public var status: String

    /// Makes one; fields that are not named here can be set after.
    public init(status: String) { self.status = status }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.object([.required("status", .string, "`ok` or `ready`.")])
}
