import Domain
import Objectives
import Store
import WorkerProtocol

extension RunDriver {
    /// Whether the values alone learn in an iteration.
    func isWarmingUp(_ iteration: Int) -> Bool {
        spec.kind == .online && iteration <= spec.valueModel?.warmupIterations ?? 0
    }

    /// The values' learning rate where it is not the policy's: on the same schedule.
    func valueRate(beside rate: Double) -> Double? {
        spec.valueModel?.learningRate.map { peak in
            let own = spec.optimizer.learningRate
            return own > 0 ? peak * (rate / own) : peak
        }
    }

    /// The value head's estimates at each token of the rollouts, by their ids; none for objectives
    /// that train no values.
    ///
    /// Those of the weights as they are: asked for after scoring, before the first step.
    func values(of rollouts: [RolloutRecord]) async throws(HoneError) -> [Int: [Float]] {
        guard inputs.objective.trainsValues else { return [:] }
        var values: [Int: [Float]] = [:]
        let groups = ScoredGroups(rollouts).groups
        let size = BatchPlan.promptsPerUnit(groupSize: spec.groupSize)
        for start in stride(from: 0, to: groups.count, by: size) {
            let part = groups[start..<min(groups.count, start + size)]
            let found = try await estimates(of: Array(part))
            values.merge(found) { $1 }
        }
        return values
    }

    private func estimates(
        of groups: [[RolloutRecord]]
    ) async throws(HoneError) -> [Int: [Float]] {
        let asked = groups.map { group in
            WorkerRequest.SequenceGroup(
                promptTokens: Packed(group.first?.rollout.promptTokens ?? []),
                completions: group.map { Packed($0.rollout.completionTokens) }
            )
        }
        let answers = try await tokenFigures(.values, asked)
        var values: [Int: [Float]] = [:]
        for (group, answer) in zip(groups, answers) {
            for (record, numbers) in zip(group, answer) { values[record.id] = numbers }
        }
        return values
    }
}
