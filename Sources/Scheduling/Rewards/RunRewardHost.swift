import Domain
import Rewards
import WorkerProtocol

/// A run's rewards: models by name in workers of their own, the policy in the run's.
struct RunRewardHost: RewardHost {
    let workers: RewardWorkers
    let driver: RunDriver
    let services: RewardServices

    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply {
        guard model == .policy else { return try await workers.ask(model, request) }
        return try await driver.askAsJudge(request)
    }
}
