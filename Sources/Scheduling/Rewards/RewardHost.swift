import Domain
import Rewards
import WorkerProtocol

/// Where rewards are computed that need a model: a run's own workers, or the serving ones.
protocol RewardHost: Sendable {
    /// What there is beside workers.
    var services: RewardServices { get }

    /// Has the worker that holds a model answer.
    ///
    /// - Throws: What the worker answered as an error, or that it was lost for good.
    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply
}

extension RewardHost {
    /// The error for an answer of another kind or size than the request's.
    var unexpected: HoneError {
        HoneError(.internalError, "a worker gave a reward an answer of another kind or size")
    }
}
