public import Domain
public import Foundation

/// One run as the store knows it.
public struct RunRecord: Sendable, Hashable, Codable {
    /// Unique for ever in one data folder: `run-1`, `run-2`, ….
    public var id: String
    /// The owner's name for it, unique among the runs that exist.
    public var name: String
    /// What was asked for, with every default.
    public var spec: RunSpec
    /// Where it stands.
    public var state: RunState
    /// The last iteration that was finished; 0 before the first.
    public var iteration: Int
    /// What the current iteration is doing; `nil` unless the run is running.
    public var phase: RunPhase?
    /// Why it failed, was stopped early or is waiting.
    public var error: HoneError?
    /// When it was submitted.
    public var createdAt: Date
    /// When it first ran; `nil` before.
    public var startedAt: Date?
    /// When it succeeded, failed or was cancelled; `nil` again once it is resumed.
    public var finishedAt: Date?
    /// The checkpoint that a fork started from.
    public var parent: Parent?
    /// The version of the newest weights: optimizer steps since the run's start.
    public var policyVersion: Int
    /// Place in the queue, 1 is next; `nil` unless queued.
    public var queuePosition: Int?

    /// A fork's origin.
    public struct Parent: Sendable, Hashable, Codable {
        /// The run that was forked.
        public var runID: String
        /// The iteration of the checkpoint it was forked at.
        public var iteration: Int

        /// An origin: the checkpoint of one run after one iteration.
        public init(runID: String, iteration: Int) {
            self.runID = runID
            self.iteration = iteration
        }
    }

    /// A record; a run that has done nothing yet unless said otherwise.
    public init(
        id: String,
        name: String,
        spec: RunSpec,
        state: RunState,
        iteration: Int = 0,
        phase: RunPhase? = nil,
        error: HoneError? = nil,
        createdAt: Date,
        startedAt: Date? = nil,
        finishedAt: Date? = nil,
        parent: Parent? = nil,
        policyVersion: Int = 0,
        queuePosition: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.spec = spec
        self.state = state
        self.iteration = iteration
        self.phase = phase
        self.error = error
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.parent = parent
        self.policyVersion = policyVersion
        self.queuePosition = queuePosition
    }
}
