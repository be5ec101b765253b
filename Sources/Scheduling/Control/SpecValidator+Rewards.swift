import Domain
import Objectives
import Rewards
import Store

extension SpecValidator {
    /// Whether the rewards can be read, their models are there, and they fit what is learned.
    mutating func checkRewards() async throws(HoneError) {
        if spec.kind == .online && spec.reward == nil && spec.feedback?.mode != .human {
            fault("$.reward", "is required: an online run learns from a reward")
        }
        if let reward = spec.reward {
            try await check(reward, "$.reward")
            if spec.kind == .online { checkScale(reward) }
        }
        for (index, reward) in (spec.evaluation?.rewards ?? []).enumerated() {
            try await check(reward, "$.evaluation.rewards[\(index)]")
        }
    }

    private mutating func check(_ reward: Value, _ path: String) async throws(HoneError) {
        do throws(Faults) { _ = try RewardEvaluator(reward, path: path) } catch {
            faults += error.list
        }
        guard let plan = try? RewardPlan(reward) else { return }
        for need in plan.models { try await check(need, path) }
        if let message = plane.rewardServices.refusal(of: plan) { fault(path, message) }
        for source in plan.leaves.compactMap({ $0.source }) {
            guard let name = source.model?.name,
                let model = try await plane.store.model(name), model.isRewardModel,
                let message = source.refusal(of: model)
            else { continue }
            fault(path, message)
        }
        if plan.scale != .score, let evaluation = spec.evaluation, evaluation.prompts != nil,
            evaluation.groupSize < 2
        {
            let message =
                "must be at least 2: the reward at \(path) compares completions of one prompt"
            fault("$.evaluation.group_size", message)
        }
    }

    private mutating func check(
        _ need: RewardSource.ModelNeed,
        _ path: String
    ) async throws(HoneError) {
        let name = need.name
        guard need != .policy else {
            if spec.kind != .online {
                fault(path, "only an online run has a policy of its own that can judge")
            }
            return
        }
        if case .compared(let name, let reference) = need {
            return try await checkRatio(name, reference, path)
        }
        let wantsReward = need == .reward(name)
        let kind = wantsReward ? "reward model" : "language model"
        guard let found = try await plane.store.model(name) else {
            let known = try await plane.store.models()
                .filter { $0.isRewardModel == wantsReward }.map(\.name)
            return fault(path, Names.unknown(kind, name, among: known))
        }
        if found.isRewardModel != wantsReward {
            let other = wantsReward ? "language model" : "reward model"
            fault(path, "\"\(name)\" is a \(other), not a \(kind)")
        } else if !rewardModels.contains(found) {
            rewardModels.append(found)
        }
    }

    /// Whether two models can be compared, on the very tokens that the policy draws.
    private mutating func checkRatio(
        _ name: String,
        _ reference: String?,
        _ path: String
    ) async throws(HoneError) {
        do throws(HoneError) {
            let ratio = try await RatioModels(
                name,
                reference: reference,
                plane.store,
                plane.folder
            )
            let size = ratio.model.configuration.vocabularySize
            if let policy = model?.configuration.vocabularySize, policy != size {
                let message =
                    "\"\(name)\" has a vocabulary of \(size) tokens, \"\(spec.model)\" one of "
                    + "\(policy): an implicit reward is of the policy's own tokens"
                return fault(path, message)
            }
            for found in [ratio.model, ratio.reference] where !rewardModels.contains(found) {
                rewardModels.append(found)
            }
        } catch  where [.unknownModel, .invalidRequest].contains(error.code) {
            fault(path, error.message)
        }
    }

    /// Win rates with something added say nothing of how probable it is that one is preferred.
    private mutating func checkScale(_ reward: Value) {
        let needs = try? ObjectiveCatalogue.make(
            name: spec.objective.name,
            parameters: spec.objective.parameters,
            path: "$.objective"
        ).requirements
        guard let plan = try? RewardPlan(reward), plan.scale == .mixed, let needs,
            !needs.fields.isDisjoint(with: [.winRate, .preferenceProbability])
        else { return }
        fault(
            "$.reward",
            "mixes win rates with other scores, of which \(spec.objective.name) cannot learn: it needs "
                + "the probability of being preferred"
        )
    }
}

extension RewardSource {
    /// Why a reward model cannot be asked in this way; `nil` when it can.
    func refusal(of model: ModelRecord) -> String? {
        let kind = model.rewardKind ?? .scalar
        switch self {
        case .ensemble where kind != .ensemble:
            return
                "\"\(model.name)\" is no ensemble, whose members the rule is about: leave it out"
        case .model where kind.compares:
            return
                "\"\(model.name)\" compares completions and scores none alone: use "
                + "{\"name\": \"preference_model\", \"model\": \"\(model.name)\"}"
        case .preferenceModel where !kind.compares:
            return
                "\"\(model.name)\" scores completions and compares none: use "
                + "{\"name\": \"model\", \"model\": \"\(model.name)\"}"
        default: return nil
        }
    }
}
