import Domain
import Objectives
import Store

extension RunDriver {
    /// The metrics of the run's own iterations before, oldest first: what all state of the stages is
    /// recomputed from.
    ///
    /// **Invariant**: an iteration is measured before the next one is learned from, and a run that
    /// goes on from a checkpoint has measured all before it.
    func history(
        _ stages: RunStages,
        before iteration: Int
    ) async throws(HoneError) -> [[String: Double]] {
        guard stages.pipeline.needsHistory else { return [] }
        return try await context.store.iterations(run: record.id)
            .filter { $0.iteration > machine.shape.firstIteration && $0.iteration < iteration }
            .sorted { $0.iteration < $1.iteration }
            .map(\.metrics)
    }

    /// What the stages make of an iteration, `late` iterations after it was learned from first.
    func staged(
        _ rollouts: [RolloutRecord],
        _ iteration: Int,
        _ stages: RunStages,
        after history: [[String: Double]],
        late: Int = 0
    ) async throws(HoneError) -> RunStages.Result {
        try stages.process(
            rollouts,
            greedy: stages.pipeline.needsGreedy ? try await greedyRollouts(iteration) : [],
            values: try await values(of: rollouts),
            iteration: iteration,
            seed: spec.seed,
            lag: late + iteration - 1 - machine.shape.samplingPolicy(of: iteration),
            history: history
        )
    }

    /// The completions that are learned from; greedy ones and the opponent's are compared with.
    func trainingRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        try await judged(try await drawnRollouts(iteration), iteration)
    }

    /// The policy's completions with the scores that are stored.
    func drawnRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        inputs.layout(spec).records(of: .policy, in: try await sampled(iteration))
    }

    private func greedyRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        inputs.layout(spec).records(of: .greedy, in: try await sampled(iteration))
    }

    /// The completions that the policy's are compared with; `nil` when there is no opponent.
    func opponents(_ iteration: Int) async throws(HoneError) -> Opponents? {
        let layout = inputs.layout(spec)
        guard layout.hasOpponent else { return nil }
        return Opponents(layout.records(of: .opponent, in: try await sampled(iteration)))
    }

    private func sampled(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        try await context.store.rollouts(
            run: record.id,
            iteration: iteration,
            purpose: .training,
            limit: .max
        ).items
    }
}
