import Domain
import Objectives
import Rewards
import Store
import WorkerProtocol

extension RunDriver {
    /// Chooses and stores the iteration's pairs.
    ///
    /// - Returns: the optimizer steps they make.
    func pair(_ iteration: Int) async throws(HoneError) -> Int {
        let rollouts = try await trainingRollouts(iteration)
        let groups = Dictionary(grouping: rollouts, by: \.promptIndex)
        let rule = Rewards.PairingRule(rawValue: spec.pairing.rawValue) ?? .bestWorst
        var pairs: [(chosen: Int, rejected: Int, margin: Double?)] = []
        var outcomes: [PairingOutcome] = []
        for place in groups.keys.sorted() {
            let group = (groups[place] ?? []).sorted { $0.sampleIndex < $1.sampleIndex }
            let scores = group.map(\.reward)
            outcomes.append(rule.pair(scores))
            guard case .pair(let best, let worst)? = outcomes.last else { continue }
            let margin = (scores[best] ?? 0) - (scores[worst] ?? 0)
            pairs.append((group[best].id, group[worst].id, margin))
        }
        try await context.store.replacePairs(run: record.id, iteration: iteration, pairs: pairs)
        let counts = PairingCounts(outcomes)
        if counts.tied + counts.tooFewScored > 0 {
            try await note(
                "iteration \(iteration): \(counts.paired) groups gave a pair, \(counts.tied) have "
                    + "equal rewards, \(counts.tooFewScored) have too few scored completions"
            )
        }
        lessons = nil
        return spec.updateEpochs
            * BatchPlan.stepsPerPass(pairs.count, minibatchSize: spec.minibatchSize)
    }

    func trainingRollouts(_ iteration: Int) async throws(HoneError) -> [RolloutRecord] {
        try await context.store.rollouts(
            run: record.id,
            iteration: iteration,
            purpose: .training,
            limit: .max
        ).items
    }

    /// Tells those who follow the run something in words.
    func note(_ message: String) async throws(HoneError) {
        context.log("\(record.id): \(message)")
        try await context.store.appendEvent(
            run: record.id,
            kind: "log",
            payload: ["message": .string(message)]
        )
        context.broker.wake(record.id)
    }

    /// One optimizer step.
    func update(_ unit: WorkUnit) async throws(HoneError) {
        let lessons = try await lessons(of: unit.iteration)
        let fixed = machine.shape.fixedSteps(of: unit.iteration)
        let isOnline = spec.kind == .online
        let elements = plan.minibatch(
            step: isOnline ? unit.index : fixed.lowerBound + unit.index,
            place: isOnline ? unit.iteration : 0,
            of: lessons.elementCount,
            size: spec.minibatchSize
        )
        let batch = try lessons.batch(
            elements: elements,
            needsReference: inputs.objective.needsReference,
            reference: spec.reference
        )
        try await step(batch, objective: spec.objective)
    }

    /// Has the worker make a step and keeps its metrics.
    @discardableResult
    func step(
        _ batch: Lessons.Batch,
        objective: NamedParameters,
        learningRate: Double? = nil
    ) async throws(HoneError) -> WorkerReply.Updated {
        let rate = learningRate ?? scheduledRate
        let reply = try await ask(
            .update(
                .init(
                    objective: objective,
                    groups: batch.groups,
                    sequences: batch.sequences,
                    pairs: batch.pairs,
                    learningRate: rate,
                    expectedPolicyVersion: policyVersion
                )
            )
        )
        guard case .updated(let updated) = reply else { throw unexpected(reply) }
        if let bad = updated.metrics.filter({ !$0.value.isFinite }).keys.min() {
            throw HoneError(
                .notANumber,
                "\(bad) is not a finite number at step \(updated.step): lower the learning rate"
            )
        }
        var values = updated.metrics
        values["rollout/staleness_max"] = staleness(of: batch)
        policyVersion = updated.policyVersion
        values["optimizer/learning_rate"] = rate
        metrics.addStep(values)
        return updated
    }

    /// Optimizer steps between the version that sampled a sequence and the one that learns from it:
    /// the most in a batch; `nil` when none of its sequences was sampled by a version of this run.
    private func staleness(of batch: Lessons.Batch) -> Double? {
        batch.sequences.compactMap(\.policyVersion).min().map { Double(policyVersion - $0) }
    }

    private var scheduledRate: Double {
        let optimizer = spec.optimizer
        let shape = LearningRateSchedule.Shape(rawValue: optimizer.schedule.rawValue) ?? .constant
        return LearningRateSchedule(
            shape,
            peak: optimizer.learningRate,
            warmupSteps: optimizer.warmupSteps
        ).rate(at: policyVersion, of: inputs.totalSteps(spec))
    }

    /// The sequences and pairs of an iteration, read from the store once.
    private func lessons(of iteration: Int) async throws(HoneError) -> Lessons {
        if let lessons { return lessons }
        let isOnline = spec.kind == .online
        let sequences =
            isOnline
            ? try await trainingRollouts(iteration)
            : try await context.store.rollouts(run: record.id, purpose: .data, limit: .max).items
        let pairs = try await context.store.pairs(
            run: record.id,
            iteration: isOnline ? iteration : 0,
            limit: .max
        ).items
        let loaded = Lessons(sequences, pairs: pairs)
        lessons = loaded
        return loaded
    }
}
