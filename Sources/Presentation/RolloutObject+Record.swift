public import APITypes
import Domain
public import Scheduling
public import Store

extension RolloutObject {
    /// A stored rollout.
    public init(_ record: RolloutRecord) {
        self.init(
            prompt: record.prompt,
            rollout: record.rollout,
            promptIndex: record.promptIndex,
            sampleIndex: record.sampleIndex
        )
        id = record.id
        run = record.runID
        iteration = record.runID == nil ? nil : record.iteration
        purpose = record.purpose.rawValue
        scores = record.scores.map { ScoreObject($0) }
        reward = record.reward.flatMap { $0.isFinite ? $0 : nil }
        createdAt = record.createdAt.unixSeconds
    }

    /// What a request for samples drew: every completion of every prompt, in their order.
    public static func list(_ groups: [RolloutGroup]) -> [RolloutObject] {
        groups.enumerated().flatMap { promptIndex, group in
            group.rollouts.enumerated().map { sampleIndex, rollout in
                var object = RolloutObject(
                    prompt: group.prompt,
                    rollout: rollout,
                    promptIndex: promptIndex,
                    sampleIndex: sampleIndex
                )
                if group.results.indices.contains(sampleIndex) {
                    object.reward = group.results[sampleIndex].score
                }
                (object.candidates, object.acceptance) = (group.candidates, group.acceptance)
                if group.ids.indices.contains(sampleIndex) { object.id = group.ids[sampleIndex] }
                return object
            }
        }
    }
}

extension SampleRequest {
    /// The order that a request is for.
    public init(_ request: RolloutsRequest) {
        self.init(
            model: request.run.map { .run($0) } ?? .model(request.model ?? ""),
            prompts: request.prompts,
            groupSize: request.count,
            sampling: request.sampling,
            strategy: request.strategy,
            reward: request.reward,
            seed: request.seed,
            includesReference: request.includesReference,
            stores: request.stores
        )
    }
}

extension ScoreObject {
    /// What a reward gave.
    public init(_ result: RewardResult) {
        self.init(score: result.score, components: result.components)
        (uncertainty, reason) = (result.uncertainty, result.reason)
        tokenRewards = result.tokenRewards.isEmpty ? nil : result.tokenRewards
    }

    init(_ record: ScoreRecord) {
        self.init(score: record.score, components: record.components, reward: record.reward)
        (uncertainty, reason) = (record.uncertainty, record.reason)
        tokenRewards = record.tokenRewards.isEmpty ? nil : record.tokenRewards
    }
}
