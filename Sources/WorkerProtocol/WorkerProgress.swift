public import Domain
import Synchronization

/// How far the current request is: written by the handler, read by the heartbeat.
public final class WorkerProgress: Sendable {
    /// One moment's progress.
    public struct Snapshot: Sendable, Hashable {
        /// What is being done, in words; empty when idle.
        public var activity = ""
        /// Units done.
        public var completed = 0
        /// Units to do; 0 when unknown.
        public var total = 0
    }

    private let state = Mutex(Snapshot())
    private let counts = Mutex(SamplingCounts())

    /// Makes the progress of an idle worker.
    public init() {}

    /// The progress now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    /// What sampling has done; sent with each heartbeat.
    public var sampling: SamplingCounts {
        get { counts.withLock { $0 } }
        set { counts.withLock { $0 = newValue } }
    }

    /// Says what begins, and how many units it has (0: unknown).
    public func begin(_ activity: String, total: Int = 0) {
        state.withLock { $0 = Snapshot(activity: activity, completed: 0, total: total) }
    }

    /// Says that so many more units are done.
    public func advance(by units: Int = 1) {
        state.withLock { $0.completed &+= units }
    }

    /// Says how many units are done, and of how many.
    public func update(completed: Int, total: Int) {
        state.withLock {
            $0.completed = completed
            $0.total = total
        }
    }

    /// Says that nothing is being done.
    func finish() {
        state.withLock { $0 = Snapshot() }
    }
}
