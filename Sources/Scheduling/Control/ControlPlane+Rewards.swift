public import Domain
import Rewards
import Store

extension ControlPlane {
    /// Scores texts by a reward as written in a spec (`{"name":"…"}`).
    ///
    /// A reward that compares completions compares the items of one prompt with each other.
    /// - Throws: `.invalidRequest` with the reward's faults, `.unknownModel`, `.unknownReward`,
    ///   `.workerLost`.
    public func score(
        reward: Value,
        items: [RewardItem]
    ) async throws(HoneError) -> [RewardResult] {
        let evaluator: RewardEvaluator
        do throws(Faults) {
            evaluator = try RewardEvaluator(reward, path: "$.reward")
        } catch {
            throw HoneError(.invalidRequest, error.description, param: "reward")
        }
        let host = try await rewardHost(evaluator.plan)
        let scores = try await evaluator.score(
            items.map {
                RewardInput(prompt: $0.prompt, completion: $0.completion, item: $0.item)
            },
            from: host
        )
        return scores.map { score in
            RewardResult(
                score: score.value,
                components: score.components.mapValues(Optional.some),
                uncertainty: score.uncertainty,
                reason: score.reason,
                tokenRewards: score.tokens
            )
        }
    }

    /// The serving workers, with what each model of a reward is.
    ///
    /// - Throws: `.forbidden` for what this server does not do, `.invalidRequest` for a model that
    ///   cannot be asked so, `.unknownModel`, `.unknownReward`.
    func rewardHost(_ plan: RewardPlan) async throws(HoneError) -> ServingRewardHost {
        if let reason = rewardServices.refusal(of: plan) {
            throw HoneError(.forbidden, reason, param: "reward")
        }
        for source in plan.leaves.compactMap({ $0.source }) {
            guard case .reward(let name)? = source.model else { continue }
            if let reason = source.refusal(of: try await rewardModel(name)) {
                throw HoneError(.invalidRequest, reason, param: "reward")
            }
        }
        var models: [RewardSource.ModelNeed: ServingPool.Model] = [:]
        for need in plan.models {
            switch need {
            case .reward(let name):
                models[need] = .reward(folder: try await rewardModel(name).folder)
            case .language(let name):
                models[need] = try await served(.model(name), writes: true)
            case .compared(let name, let reference):
                let ratio = try await RatioModels(name, reference: reference, store, folder)
                models[need] = ServingPool.Model
                    .policy(folder: ratio.model.folder, checkpoint: nil, version: 0)
                    .compared(withFolder: ratio.reference.folder)
            case .policy:
                throw HoneError(
                    .invalidRequest,
                    "only a run has a policy of its own that can judge: name a model",
                    param: "reward"
                )
            }
        }
        return ServingRewardHost(pool: serving, services: rewardServices, models: models)
    }

    private func rewardModel(_ name: String) async throws(HoneError) -> ModelRecord {
        let model = try await model(name)
        guard model.isRewardModel else {
            throw HoneError(
                .unknownReward,
                "\"\(name)\" is a language model, not a reward model",
                param: name
            )
        }
        return model
    }
}
