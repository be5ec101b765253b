public import Domain
public import Foundation

/// One finished iteration of a run and what was measured in it.
public struct IterationRecord: Sendable, Hashable, Codable {
    /// 0 is the state before training.
    public var iteration: Int
    /// By their contract names: `reward/mean`, `policy/kl`, ….
    public var metrics: [String: Double]
    public var finishedAt: Date

    public init(iteration: Int, metrics: [String: Double], finishedAt: Date) {
        self.iteration = iteration
        self.metrics = metrics
        self.finishedAt = finishedAt
    }
}

/// One checkpoint folder on disk.
public struct CheckpointRecord: Sendable, Hashable, Codable {
    public var runID: String
    public var iteration: Int
    /// Optimizer steps since the run's start.
    public var step: Int
    /// The folder.
    public var path: String
    public var byteCount: Int
    public var createdAt: Date

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
    public var id: Int
    public var runID: String
    public var iteration: Int
    /// Rollout ids.
    public var chosen: Int
    public var rejected: Int
    /// Reward of the chosen less that of the rejected; `nil` when a file says only which is better.
    public var margin: Double?

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
    public var runID: String
    /// Grows within the data folder; the `id` of a server-sent event.
    public var id: Int
    public var time: Date
    /// `state`, `phase`, `metrics`, `checkpoint`, `worker`, `published` or `log`.
    public var kind: String
    public var payload: Value

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
    public var items: [Item]
    /// Whether more follow after the last item.
    public var hasMore: Bool

    public init(items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }
}
