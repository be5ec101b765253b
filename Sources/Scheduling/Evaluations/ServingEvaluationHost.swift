import Domain
import Rewards
import WorkerProtocol

/// Has an evaluation's work done by the serving workers, which it shares with other requests.
struct ServingEvaluationHost: EvaluationHost {
    let plane: ControlPlane

    func draw(
        _ model: EvaluatedModel,
        _ request: WorkerRequest.Sample
    ) async throws(HoneError) -> [WorkerReply.SampledGroup] {
        guard case .sampled(let groups) = try await ask(.sample(request), model.served),
            groups.count == request.prompts.count,
            groups.allSatisfy({ $0.completions.count == request.groupSize })
        else { throw ControlPlane.unexpected }
        return groups
    }

    func measure(
        _ model: EvaluatedModel,
        _ request: WorkerRequest.Measure
    ) async throws(HoneError) -> [[WorkerReply.TokenFigures]] {
        guard case .measured(let figures) = try await ask(.measure(request), model.served),
            figures.map(\.count) == request.groups.map(\.completions.count)
        else { throw ControlPlane.unexpected }
        return figures
    }

    func score(
        _ reward: EvaluationReward,
        _ groups: [[RewardInput]]
    ) async throws(HoneError) -> [[Double?]] {
        try await reward.evaluator.score(
            groups: groups.map { RewardGroup($0) },
            from: PatientRewardHost(host: reward.host)
        )
        .map { $0.map(\.value) }
    }

    private func ask(
        _ request: WorkerRequest,
        _ model: ServingPool.Model
    ) async throws(HoneError) -> WorkerReply {
        try await Patience.wait { () async throws(HoneError) in
            try await plane.serving.request(request, of: model)
        }
    }
}

/// A reward's host that waits while all workers are busy with other models.
private struct PatientRewardHost: RewardHost {
    /// Those of the host behind it.
    var services: RewardServices { host.services }
    let host: any RewardHost

    func ask(
        _ model: RewardSource.ModelNeed,
        _ request: WorkerRequest
    ) async throws(HoneError) -> WorkerReply {
        try await Patience.wait { () async throws(HoneError) in
            try await host.ask(model, request)
        }
    }
}

/// How an evaluation, which nobody waits for at the other end of a connection, waits for a worker.
private enum Patience {
    /// How often a request is made while the workers are busy with other models, a second apart.
    private static let mostAttempts = 600

    static func wait<Answer: Sendable>(
        _ request: () async throws(HoneError) -> Answer
    ) async throws(HoneError) -> Answer {
        for _ in 1..<mostAttempts {
            do throws(HoneError) {
                return try await request()
            } catch  where error.code == .overloaded {
                do { try await Task.sleep(for: .seconds(1)) } catch {
                    throw HoneError(.conflict, "the evaluation was cancelled")
                }
            }
        }
        return try await request()
    }
}
