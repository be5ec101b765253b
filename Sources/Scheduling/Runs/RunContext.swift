import Domain
import Store

/// What a run's driver works with.
struct RunContext: Sendable {
    let store: DataStore
    let folder: DataFolder
    let launcher: any WorkerLauncher
    /// The longest that one request to a worker may take.
    let deadline: Duration
    /// How long scores are waited for, where the spec says so.
    let patience: UnscoredPatience
    /// What rewards may use beside workers.
    let rewardServices: RewardServices
    /// Told after something was written about the run, so that its followers read on.
    let broker: EventBroker
    let log: @Sendable (String) -> Void
}
