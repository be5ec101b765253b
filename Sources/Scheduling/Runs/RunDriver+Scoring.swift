import Domain
import Store
import WorkerProtocol

extension RunDriver {
    /// Scores one unit of the iteration's completions, unless that is done already.
    func score(_ unit: WorkUnit) async throws(HoneError) {
        guard let reward = inputs.reward else { return }
        try await score(unit, .training, [(ScoreRecord.trained, reward)])
    }

    /// Scores completions of held-out prompts by the trained reward and the others asked for.
    func evaluationScore(_ unit: WorkUnit) async throws(HoneError) {
        let trained = inputs.reward.map { [(ScoreRecord.trained, $0)] } ?? []
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
        let workers = rewards
        let models: ModelScorer = { (model, items) async throws(HoneError) in
            try await workers.score(model, items)
        }
        for (name, evaluator) in evaluators {
            let unscored = rollouts.filter { !$0.scores.contains { $0.reward == name } }
            guard !unscored.isEmpty else { continue }
            let items = unscored.map(\.scoreItem)
            let results = try await evaluator.score(
                items,
                tokenCounts: unscored.map(\.rollout.completionTokens.count),
                models: models
            )
            let scores = zip(unscored, results).map { rollout, result in
                (
                    rollout: rollout.id,
                    score: ScoreRecord(
                        reward: name,
                        score: result.score,
                        components: result.components
                    )
                )
            }
            try await context.store.insertScores(scores)
        }
    }
}

extension RolloutRecord {
    /// What a reward sees: the prompt's text, and the completion with the words it was begun with.
    var scoreItem: WorkerRequest.ScoreItem {
        WorkerRequest.ScoreItem(
            prompt: prompt.rewardText,
            completion: prompt.prefill + rollout.text
        )
    }
}
