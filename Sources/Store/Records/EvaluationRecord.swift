public import Domain
public import Foundation

/// One evaluation as the store knows it.
public struct EvaluationRecord: Sendable, Hashable, Codable {
    /// Unique for ever in one data folder: `evaluation-1`, `evaluation-2`, ….
    public var id: String
    /// What was asked for, with its data.
    public var order: EvaluationOrder
    /// Where it stands; never paused.
    public var state: RunState
    /// Units of work that are done.
    public var completed: Int
    /// Units of work in all; 0 until it is known.
    public var total: Int
    /// What came of it; `nil` until it has succeeded.
    public var report: Value?
    /// Why it failed.
    public var error: HoneError?
    /// When it was asked for.
    public var createdAt: Date
    /// When it last began; `nil` before.
    public var startedAt: Date?
    /// When it succeeded, failed or was cancelled.
    public var finishedAt: Date?

    /// A record; one that waits unless said otherwise.
    public init(
        id: String,
        order: EvaluationOrder,
        state: RunState = .queued,
        completed: Int = 0,
        total: Int = 0,
        report: Value? = nil,
        error: HoneError? = nil,
        createdAt: Date,
        startedAt: Date? = nil,
        finishedAt: Date? = nil
    ) {
        self.id = id
        self.order = order
        self.state = state
        self.completed = completed
        self.total = total
        self.report = report
        self.error = error
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
