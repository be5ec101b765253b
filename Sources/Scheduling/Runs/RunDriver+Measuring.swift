import Domain
import Foundation
import Statistics
import Store

extension RunDriver {
    /// Writes the iteration's metrics.
    ///
    /// - Returns: whether a stop rule holds.
    func measure(_ iteration: Int) async throws(HoneError) -> Bool {
        var values = metrics.values
        metrics = IterationMetrics()
        let keepLast: (Double, Double) -> Double = { $1 }
        if spec.kind == .online && iteration > machine.shape.firstIteration {
            // The worker's reward/margin is the policy's implicit one; this is the reward's own.
            values.merge(try await trainingMetrics(iteration), uniquingKeysWith: keepLast)
        }
        if machine.shape.evaluates(iteration) {
            values.merge(try await evaluationMetrics(iteration), uniquingKeysWith: keepLast)
        }
        if spec.kind == .rewardModel {
            values.merge(try await heldOutAccuracy(), uniquingKeysWith: keepLast)
        }
        try await context.store.finishIteration(
            run: record.id,
            iteration: iteration,
            metrics: values
        )
        context.broker.wake(record.id)
        try await appendMetrics(iteration)
        return try await stops(values, iteration)
    }

    private func trainingMetrics(_ iteration: Int) async throws(HoneError) -> [String: Double] {
        let rollouts = try await trainingRollouts(iteration)
        var values = RolloutMetrics.training(rollouts)
        if let opponents = try await opponents(iteration) {
            values.merge(opponents.metrics(against: rollouts, isPreference: inputs.isPreference)) {
                $1
            }
        }
        let source = machine.shape.samplingPolicy(of: iteration)
        values["rollout/staleness"] = Double(iteration - 1 - source)
        values["rollout/balance"] = RolloutMetrics.balance(rollouts)
        if let weights = spec.sampling.weights, weights != .float32 {
            values.merge(RolloutMetrics.samplingGap(rollouts)) { $1 }
        }
        if inputs.learnsFromGroups {
            values.merge(ScoredGroups(rollouts).metrics) { $1 }
        } else {
            let margins = try await context.store.pairs(
                run: record.id,
                iteration: iteration,
                limit: .max
            ).items.compactMap(\.margin)
            values["reward/margin"] = Sample.mean(margins)
            values["rollout/pairs"] = Double(margins.count)
        }
        values.merge(try await lessons(of: iteration).metrics) { $1 }
        return values
    }

    private func evaluationMetrics(_ iteration: Int) async throws(HoneError) -> [String: Double] {
        let pairs = try await heldOutPairMetrics()
        // Without held-out completions the KL is that of the iteration's own.
        if inputs.evaluationPrompts.isEmpty { return pairs }
        let rollouts = try await evaluationRollouts(iteration)
        var values = RolloutMetrics.evaluation(
            rollouts,
            rewards: inputs.evaluationRewards.map(\.name)
        )
        let first = machine.shape.firstIteration
        let start = iteration == first ? [] : try await evaluationRollouts(first)
        values.merge(RolloutMetrics.quality(rollouts, against: start)) { $1 }
        values.merge(pairs) { $1 }
        values["policy/kl"] = values["evaluation/kl"]
        return values
    }

    private func evaluationRollouts(
        _ iteration: Int
    ) async throws(HoneError) -> [RolloutRecord] {
        try await context.store.rollouts(
            run: record.id,
            iteration: iteration,
            purpose: .evaluation,
            limit: .max
        ).items
    }

    private func stops(
        _ values: [String: Double],
        _ iteration: Int
    ) async throws(HoneError) -> Bool {
        guard iteration > machine.shape.firstIteration else { return false }
        let verdict = StopVerdict(
            rules: spec.stop,
            goldNames: inputs.evaluationRewards.map(\.name)
        )
        let earlier = try await context.store.iterations(run: record.id)
            .filter { $0.iteration < iteration }
            .sorted { $0.iteration < $1.iteration }
        if let reason = verdict.reason(values, after: earlier.map(\.metrics)) {
            try await note("stopped after iteration \(iteration): \(reason)")
            return true
        }
        if let minutes = spec.stop.maxMinutes {
            let seconds = try await context.store.activeSeconds(record.id)
            if seconds >= minutes * 60 {
                try await note(
                    "stopped after iteration \(iteration): max_minutes (\(minutes)) have passed"
                )
                return true
            }
        }
        return false
    }

    /// Writes `metrics.jsonl` anew from the store: one line an iteration.
    func rewriteMetricsFile() async throws(HoneError) {
        let lines = try await context.store.iterations(run: record.id).map(Self.line)
        try context.folder.write(lines.joined(), to: context.folder.metrics(record.id))
    }

    private func appendMetrics(_ iteration: Int) async throws(HoneError) {
        let iterations = try await context.store.iterations(run: record.id)
        // A redone iteration replaces its line.
        guard let last = iterations.last, last.iteration == iteration else {
            return try await rewriteMetricsFile()
        }
        let path = context.folder.metrics(record.id)
        let written = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        guard written.count(where: \.isNewline) == iterations.count - 1 else {
            return try await rewriteMetricsFile()
        }
        try context.folder.append(Self.line(last), to: path)
    }

    private static func line(_ record: IterationRecord) -> String {
        var fields = record.metrics.mapValues(Value.number)
        fields["iteration"] = .integer(record.iteration)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Stored metrics are finite, so that encoding them cannot fail.
        let data = (try? encoder.encode(Value.object(fields))) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
