public import Domain

/// One finished iteration and what was measured in it.
public struct IterationObject: Sendable, Hashable, Codable {
    /// The kind of object, for clients that meet it in a list.
    public var object = "iteration"
    /// 0 is the state before training.
    public var iteration: Int
    /// By their contract names; null where the number was not finite.
    public var metrics: [String: Double?]
    /// Seconds since 1970.
    public var finishedAt: Int

    /// Makes one; fields that are not named here can be set after.
    public init(iteration: Int, metrics: [String: Double], finishedAt: Int) {
        self.iteration = iteration
        self.metrics = metrics.mapValues { $0.isFinite ? $0 : nil }
        self.finishedAt = finishedAt
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Iteration",
        .object([
            .required("object", .choice(["iteration"]), "Always `iteration`."),
            .required("iteration", .count, "0 is the state before training."),
            .required("metrics", .map(.nullable(.number(.any))), "By their contract names."),
            .required("finished_at", .count, "Seconds since 1970."),
        ])
    )
}

/// A checkpoint that is kept.
public struct CheckpointObject: Sendable, Hashable, Codable {
    /// RUN@ITERATION: what `model` fields take.
    public var id: String
    /// The kind of object, for clients that meet it in a list.
    public var object = "checkpoint"
    /// The run's id or name.
    public var run: String
    /// Which iteration; 0 is before training.
    public var iteration: Int
    /// Optimizer steps since the run's start.
    public var step: Int
    /// The folder on the machine of the server.
    public var path: String
    /// Bytes on disk.
    public var byteCount: Int
    /// Seconds since 1970.
    public var createdAt: Int

    /// Makes one; fields that are not named here can be set after.
    public init(
        run: String,
        iteration: Int,
        step: Int,
        path: String,
        byteCount: Int,
        createdAt: Int
    ) {
        id = "\(run)@\(iteration)"
        self.run = run
        self.iteration = iteration
        self.step = step
        self.path = path
        self.byteCount = byteCount
        self.createdAt = createdAt
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Checkpoint",
        .object([
            .required("id", .string, "RUN@ITERATION."),
            .required("object", .choice(["checkpoint"]), "Always `checkpoint`."),
            .required("run", .string, "The run's name."),
            .required("iteration", .count, "After this iteration."),
            .required("step", .count, "Optimizer steps since the start."),
            .required("path", .string, "The folder on the machine of the server."),
            .required("byte_count", .count, "Bytes on disk."),
            .required("created_at", .count, "Seconds since 1970."),
        ])
    )
}

/// Two rollouts of one prompt, one preferred.
public struct PairObject: Sendable, Hashable, Codable {
    /// What requests name it by.
    public var id: Int
    /// The kind of object, for clients that meet it in a list.
    public var object = "pair"
    /// The run's id or name.
    public var run: String
    /// Which iteration; 0 is before training.
    public var iteration: Int
    /// The id of the better rollout.
    public var chosen: Int
    /// The id of the worse rollout.
    public var rejected: Int
    /// Reward of the chosen less that of the rejected.
    public var margin: Double?

    /// Makes one; fields that are not named here can be set after.
    public init(id: Int, run: String, iteration: Int, chosen: Int, rejected: Int, margin: Double?) {
        self.id = id
        self.run = run
        self.iteration = iteration
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Pair",
        .object([
            .required("id", .count, "The pair's id."),
            .required("object", .choice(["pair"]), "Always `pair`."),
            .required("run", .string, "The run's id."),
            .required("iteration", .count, "The iteration it was made in."),
            .required("chosen", .count, "A rollout's id."),
            .required("rejected", .count, "A rollout's id."),
            .optional("margin", .number(.any), "The reward gap."),
        ])
    )
}

/// Something that happened to a run: the data of a server-sent event.
public struct EventObject: Sendable, Hashable, Codable {
    /// What requests name it by.
    public var id: Int
    /// The kind of object, for clients that meet it in a list.
    public var object = "event"
    /// The run's id or name.
    public var run: String
    /// `state`, `progress`, `metrics`, `checkpoint`, `worker`, `published` or `log`.
    public var kind: String
    /// Seconds since 1970, with fractions.
    public var time: Double
    /// What happened, by kind: the new state, an iteration's metrics, a message.
    public var data: Value

    /// Makes one; fields that are not named here can be set after.
    public init(id: Int, run: String, kind: String, time: Double, data: Value) {
        self.id = id
        self.run = run
        self.kind = kind
        self.time = time
        self.data = data.finite
    }

    /// The shape: checks a value and describes it in the OpenAPI document.
    public static let schema = Schema.named(
        "Event",
        .object([
            .required("id", .count, "Grows; what Last-Event-ID takes."),
            .required("object", .choice(["event"]), "Always `event`."),
            .required("run", .string, "The run's id."),
            .required(
                "kind",
                .string,
                "state, progress, metrics, checkpoint, worker, published or log."
            ),
            .required("time", .number(.nonNegative), "Seconds since 1970."),
            .required("data", .any, "What happened."),
        ])
    )
}
