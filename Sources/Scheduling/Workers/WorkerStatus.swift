public import Domain

/// What is known of a worker at one moment.
public struct WorkerStatus: Sendable, Hashable {
    /// Where a worker is in its life.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Launched, not yet heard from.
        case starting
        /// Waiting for a request.
        case idle
        /// At work on a request.
        case busy
        /// Ended, whatever the reason.
        case dead
    }

    /// What it was launched for.
    public var role: String
    /// Its process.
    public var processID: Int32
    /// Where it is in its life.
    public var state: State
    /// What it is doing, in words; empty when idle.
    public var activity: String
    /// Work units done within the current request.
    public var completed: Int
    /// Work units to do within the current request; 0 when unknown.
    public var total: Int
    /// Memory it holds, in bytes; 0 until it said.
    public var residentBytes: Int
    /// What sampling has done since the worker's policy was opened.
    public var sampling: SamplingCounts
    /// How many workers of this role its launcher had launched before it.
    public var restarts: Int

    /// Makes a status; a fresh worker's when only the role and process are given.
    public init(
        role: String,
        processID: Int32,
        state: State = .starting,
        activity: String = "",
        completed: Int = 0,
        total: Int = 0,
        residentBytes: Int = 0,
        sampling: SamplingCounts = .init(),
        restarts: Int = 0
    ) {
        self.role = role
        self.processID = processID
        self.state = state
        self.activity = activity
        self.completed = completed
        self.total = total
        self.residentBytes = residentBytes
        self.sampling = sampling
        self.restarts = restarts
    }
}
