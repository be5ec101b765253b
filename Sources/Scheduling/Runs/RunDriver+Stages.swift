import Domain
import Objectives
import Store

extension RunDriver {
    /// The metrics of the run's own iterations before, oldest first: what all state of the stages is
    /// recomputed from.
    ///
    /// **Invariant**: an iteration is measured before the next one is learned from, and a run that
    /// goes on from a checkpoint has measured all before it.
    private func history(before iteration: Int) async throws(HoneError) -> [[String: Double]] {
        try await context.store.iterations(run: record.id)
            .filter { $0.iteration > machine.shape.firstIteration && $0.iteration < iteration }
            .sorted { $0.iteration < $1.iteration }
            .map(\.metrics)
    }

    /// What the stages made of an iteration; `nil` for runs without.
    func staged(
        _ rollouts: [RolloutRecord],
        _ iteration: Int
    ) async throws(HoneError) -> RunStages.Result? {
        guard let stages = inputs.stages else { return nil }
        return try stages.process(
            rollouts,
            greedy: stages.pipeline.needsGreedy ? try await greedyRollouts(iteration) : [],
            values: try await values(of: rollouts),
            iteration: iteration,
            seed: spec.seed,
            lag: iteration - 1 - machine.shape.samplingPolicy(of: iteration),
            history: try await history(before: iteration)
        )
    }

    /// The objective of an iteration's steps, with what controllers have set.
    func objective(of iteration: Int) async throws(HoneError) -> NamedParameters {
        guard let stages = inputs.stages, !stages.pipeline.controllers.isEmpty else {
            return spec.objective
        }
        return stages.objective(spec.objective, after: try await history(before: iteration))
    }

    /// The completions that are learned from; greedy ones are only compared with.
    func trainingRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        try await sampled(iteration).filter { $0.sampleIndex < spec.groupSize }
    }

    private func greedyRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        try await sampled(iteration).filter { $0.sampleIndex >= spec.groupSize }
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
