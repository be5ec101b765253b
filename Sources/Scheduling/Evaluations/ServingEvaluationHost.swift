import Domain
import Rewards
import WorkerProtocol

/// Has an evaluation's work done by the serving workers, which it shares with other requests.
struct ServingEvaluationHost: EvaluationHost {
    /// How often a request is made while the workers are busy with other models, a second apart.
    private static let mostAttempts = 600

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
        let inputs = groups.flatMap(\.self)
        let counts = inputs.compactMap(\.tokenCount)
        let results = try await reward.evaluator.score(
            inputs.map { .init(prompt: $0.prompt, completion: $0.completion) },
            tokenCounts: counts.count == inputs.count ? counts : []
        ) { (name, texts) async throws(HoneError) in
            let served = ServingPool.Model.reward(folder: reward.folders[name] ?? name)
            guard case .scored(let scores) = try await ask(.score(.init(items: texts)), served),
                scores.count == texts.count
            else { throw ControlPlane.unexpected }
            return scores
        }
        var rest = results.map(\.score)[...]
        return groups.map { group in
            defer { rest = rest.dropFirst(group.count) }
            return Array(rest.prefix(group.count))
        }
    }

    private func ask(
        _ request: WorkerRequest,
        _ model: ServingPool.Model
    ) async throws(HoneError) -> WorkerReply {
        try await patiently { () async throws(HoneError) in
            try await plane.serving.request(request, of: model)
        }
    }

    /// Waits for a worker while all are busy with other models.
    private func patiently<Answer: Sendable>(
        _ request: () async throws(HoneError) -> Answer
    ) async throws(HoneError) -> Answer {
        for _ in 1..<Self.mostAttempts {
            do throws(HoneError) { return try await request() } catch
                where error.code == .overloaded
            {
                do { try await Task.sleep(for: .seconds(1)) } catch {
                    throw HoneError(.conflict, "the evaluation was cancelled")
                }
            }
        }
        return try await request()
    }
}
