import Domain
import Rewards
import Store
import WorkerProtocol

extension RunDriver {
    /// Scores one unit of the iteration's completions, unless that is done already.
    func score(_ unit: WorkUnit) async throws(HoneError) {
        guard let reward = inputs.reward else { return }
        try await retrainReward(before: unit.iteration)
        try await score(unit, .training, [(ScoreRecord.trained, reward)])
    }

    /// Scores completions of held-out prompts by the trained reward and the others asked for.
    func evaluationScore(_ unit: WorkUnit) async throws(HoneError) {
        let trained = inputs.reward.map { [(ScoreRecord.trained, $0)] } ?? []
        try await retrainReward(before: unit.iteration)
        try await score(unit, .evaluation, trained + inputs.evaluationRewards)
    }

    private func score(
        _ unit: WorkUnit,
        _ purpose: RolloutRecord.Purpose,
        _ evaluators: [(String, RewardEvaluator)]
    ) async throws(HoneError) {
        let rollouts = try await context.store.rollouts(
            run: record.id,
            iteration: unit.iteration,
            purpose: purpose,
            unit: unit.index,
            limit: .max
        ).items
        for (name, evaluator) in evaluators {
            let groups = rollouts.inGroups.filter { group in
                group.contains { rollout in !rollout.scores.contains { $0.reward == name } }
            }
            guard !groups.isEmpty else { continue }
            let workers = name == ScoreRecord.trained ? rewards : measuringRewards
            let results = try await scores(groups, purpose, by: evaluator, from: workers)
            let scores = zip(groups.joined(), results.joined()).map { rollout, result in
                (rollout: rollout.id, score: ScoreRecord(reward: name, result))
            }
            try await context.store.insertScores(scores)
            try await tellUnscored(scores.map(\.score), unit)
        }
    }

    /// Scores groups; with `unscored: wait` those that lack a score which may come later are asked
    /// for again.
    private func scores(
        _ groups: [[RolloutRecord]],
        _ purpose: RolloutRecord.Purpose,
        by evaluator: RewardEvaluator,
        from workers: RewardWorkers
    ) async throws(HoneError) -> [[RewardScore]] {
        let host = RunRewardHost(workers: workers, driver: self, services: services)
        let items = try await itemsOfPlaces(groups, purpose)
        let asked = groups.map { rewardGroup($0, purpose, items) }
        var results = try await evaluator.score(groups: asked, from: host)
        guard spec.unscored == .wait else { return results }
        for attempt in 1... {
            let open = results.indices.filter { results[$0].contains { $0.mayComeLater } }
            guard let first = open.first else { return results }
            let reason = results[first].first { $0.mayComeLater }?.reason ?? ""
            guard attempt < context.patience.attempts else { throw waitedInVain(reason, attempt) }
            try await wait(context.patience.pause(after: attempt))
            let again = try await evaluator.score(groups: open.map { asked[$0] }, from: host)
            for (place, scores) in zip(open, again) { results[place] = scores }
        }
        return results
    }

    /// The pauses of this run's requests are its own.
    private var services: RewardServices {
        var services = context.rewardServices
        services.seed = spec.seed
        return services
    }

    private func waitedInVain(_ reason: String, _ attempts: Int) -> HoneError {
        HoneError(
            .conflict,
            "completions are unscored after \(attempts) attempts (\(reason)): resume the run when "
                + "the reward answers again, or write \"unscored\": \"drop\"",
            param: "$.reward"
        )
    }

    /// The further fields of the prompts' records, by the prompts' places in the iteration.
    private func itemsOfPlaces(
        _ groups: [[RolloutRecord]],
        _ purpose: RolloutRecord.Purpose
    ) async throws(HoneError) -> [Int: Value] {
        let places = Set(groups.joined().map(\.promptIndex))
        if purpose == .evaluation {
            let known = places.filter { inputs.evaluationItems.indices.contains($0) }
            return Dictionary(uniqueKeysWithValues: known.map { ($0, inputs.evaluationItems[$0]) })
        }
        guard !inputs.promptItems.isEmpty, let iteration = groups.first?.first?.iteration else {
            return [:]
        }
        let first = try await firstPosition(of: iteration)
        var items: [Int: Value] = [:]
        for place in places {
            let position = first + place
            let found = plan.prompts(
                at: position..<position + 1,
                of: inputs.prompts.count,
                in: inputs.order
            )
            items[place] = found.first.map { inputs.promptItems[$0.prompt] }
        }
        return items
    }

    /// Who is compared with whom: what was drawn to learn from, and the greedy completion, with the
    /// opponent's where there is one, else with what is learned from; the opponent's with that too.
    private func rewardGroup(
        _ group: [RolloutRecord],
        _ purpose: RolloutRecord.Purpose,
        _ items: [Int: Value]
    ) -> RewardGroup {
        let members = group.map { rollout in
            var input = rollout.rewardInput
            input.item = items[rollout.promptIndex] ?? .object([:])
            return input
        }
        if purpose == .evaluation { return RewardGroup(members) }
        let layout = inputs.layout(spec)
        let roles = group.map { layout.role(of: $0.sampleIndex) }
        return RewardGroup(
            members,
            opponents: roles.map { role in
                let facesOpponent = layout.hasOpponent && role != .opponent
                let peer = facesOpponent ? GroupLayout.Role.opponent : .policy
                return roles.indices.filter { roles[$0] == peer }
            }
        )
    }

    /// Says once a unit how much is unscored and why.
    private func tellUnscored(
        _ scores: [ScoreRecord],
        _ unit: WorkUnit
    ) async throws(HoneError) {
        let reasons = scores.compactMap(\.reason)
        guard let first = reasons.first else { return }
        try await note(
            "\(unit.words): \(reasons.count) of \(scores.count) completions are unscored: \(first)"
        )
    }
}

extension RolloutRecord {
    /// What a reward sees: the prompt's text, the completion with the words it was begun with, and
    /// the tokens as they were read and drawn.
    var rewardInput: RewardInput {
        var input = RewardInput(
            prompt: prompt.rewardText,
            completion: prompt.prefill + rollout.text,
            tokenCount: rollout.completionTokens.count
        )
        input.promptTokens = rollout.promptTokens
        input.completionTokens = rollout.completionTokens
        return input
    }
}

extension ScoreRecord {
    /// What a reward said.
    init(reward: String, _ score: RewardScore) {
        self.init(
            reward: reward,
            score: score.value,
            components: score.components.mapValues(Optional.some),
            uncertainty: score.uncertainty,
            reason: score.reason,
            tokenRewards: score.tokens
        )
    }
}
