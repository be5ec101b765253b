public import Domain
public import Foundation

/// One finished iteration of a run and what was measured in it.
public struct IterationRecord: Sendable, Hashable, Codable {
    /// 0 is the state before training.
    public var iteration: Int
    /// By their contract names: `reward/mean`, `policy/kl`, ….
    public var metrics: [String: Double]
    /// When it was first finished; doing it again keeps the date.
    public var finishedAt: Date

    /// A record of an iteration and its metrics.
    public init(iteration: Int, metrics: [String: Double], finishedAt: Date) {
        self.iteration = iteration
        self.metrics = metrics
        self.finishedAt = finishedAt
    }
}

/// One checkpoint folder on disk.
public struct CheckpointRecord: Sendable, Hashable, Codable {
    /// The run it belongs to.
    public var runID: String
    /// The iteration after which it was written.
    public var iteration: Int
    /// Optimizer steps since the run's start.
    public var step: Int
    /// The folder.
    public var path: String
    /// Bytes of the folder.
    public var byteCount: Int
    /// When it was recorded, once it was whole on disk.
    public var createdAt: Date

    /// A record of the folder at `path`.
    public init(
        runID: String,
        iteration: Int,
        step: Int,
        path: String,
        byteCount: Int,
        createdAt: Date
    ) {
        self.runID = runID
        self.iteration = iteration
        self.step = step
        self.path = path
        self.byteCount = byteCount
        self.createdAt = createdAt
    }
}

/// Two rollouts of one prompt, one preferred.
public struct PairRecord: Sendable, Hashable, Codable {
    /// Unique for ever in one data folder.
    public var id: Int
    /// The run it belongs to.
    public var runID: String
    /// The iteration that learns from it.
    public var iteration: Int
    /// A rollout id: the better one.
    public var chosen: Int
    /// A rollout id: the worse one.
    public var rejected: Int
    /// Reward of the chosen less that of the rejected; `nil` when a file says only which is better.
    public var margin: Double?

    /// A record of two rollouts by their ids.
    public init(
        id: Int,
        runID: String,
        iteration: Int,
        chosen: Int,
        rejected: Int,
        margin: Double?
    ) {
        self.id = id
        self.runID = runID
        self.iteration = iteration
        self.chosen = chosen
        self.rejected = rejected
        self.margin = margin
    }
}

/// Something that happened to a run.
public struct EventRecord: Sendable, Hashable, Codable {
    /// The run it is about.
    public var runID: String
    /// Grows within the data folder; the `id` of a server-sent event.
    public var id: Int
    /// When it happened.
    public var time: Date
    /// `state`, `progress`, `metrics`, `checkpoint`, `worker`, `published` or `log`.
    public var kind: String
    /// What happened, in the fields of its kind.
    public var payload: Value

    /// A record of one event.
    public init(runID: String, id: Int, time: Date, kind: String, payload: Value) {
        self.runID = runID
        self.id = id
        self.time = time
        self.kind = kind
        self.payload = payload
    }
}

/// One page of a list.
public struct Page<Item: Sendable>: Sendable {
    /// The items of this page, in the order of the list.
    public var items: [Item]
    /// Whether more follow after the last item.
    public var hasMore: Bool

    /// A page; `hasMore` says whether to ask on after its last item.
    public init(items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }
}

extension Page {
    /// A page out of a query that asked for one row more than `limit`.
    init(_ rows: [Item], limit: Int) {
        self.init(items: Array(rows.prefix(limit)), hasMore: rows.count > limit)
    }
}
