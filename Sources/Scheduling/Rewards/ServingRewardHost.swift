import Domain
import Rewards
import WorkerProtocol

/// The serving workers, which score what clients send.
struct ServingRewardHost: RewardHost {
    let pool: ServingPool
    let services: RewardServices
    /// What is opened for each model that the reward names.
    let models: [RewardSource.ModelNeed: ServingPool.Model]

    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply {
        guard let served = models[model] else { throw unexpected }
        return try await pool.request(request, of: served)
    }
}
