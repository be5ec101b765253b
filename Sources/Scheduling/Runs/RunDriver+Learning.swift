import Domain
import Objectives
import Rewards
import Store
import WorkerProtocol

extension RunDriver {
    /// Chooses what the iteration learns from: pairs, which are stored, or whole groups, which
    /// follow from the stored scores.
    ///
    /// - Returns: the optimizer steps they make, or the prompts to sample beside.
    func pair(_ iteration: Int) async throws(HoneError) -> RunMachine.Outcome {
        lessons = nil
        // A run that goes on may have stored rounds that this one does not know of yet.
        let end = round.endPlace
        let rollouts = try await trainingRollouts(iteration).filter { $0.promptIndex < end }
        let chosen = try await select(rollouts, iteration)
        if let next = try await refill(chosen, iteration) { return .init(refill: next) }
        let count =
            inputs.learnsFromGroups
            ? try await countGroups(chosen, iteration) : try await storePairs(chosen, iteration)
        let steps = BatchPlan.stepsPerPass(count, minibatchSize: spec.minibatchSize)
        return .init(updateSteps: spec.updateEpochs * steps)
    }

    private func countGroups(
        _ chosen: Selection,
        _ iteration: Int
    ) async throws(HoneError) -> Int {
        let scored = ScoredGroups(chosen.drawn)
        let content = try await groupLessons(chosen, iteration)
        // Kept for the steps: the values are those of the weights before the first one.
        lessons = (iteration, content)
        let count = content.elements.count
        let filtered = Int(content.metrics[StageMetric.filteredCompletions] ?? 0)
        if filtered > 0 {
            try await note("iteration \(iteration): filters took \(filtered) completions")
        }
        if scored.droppedCount + scored.tiedCount > 0 {
            try await note(
                "iteration \(iteration): \(count) groups are learned from, of which "
                    + "\(scored.tiedCount) have equal rewards; \(scored.droppedCount) have too few "
                    + "scored completions"
            )
        }
        return count
    }

    private func groupLessons(
        _ chosen: Selection,
        _ iteration: Int
    ) async throws(HoneError) -> Lessons {
        var lessons = try await groupLessons(chosen.learned, iteration)
        lessons.metrics.merge(chosen.metrics) { $1 }
        return lessons
    }

    func groupLessons(
        _ rollouts: [RolloutRecord],
        _ iteration: Int
    ) async throws(HoneError) -> Lessons {
        guard let stages = inputs.stages else {
            return Lessons(
                ScoredGroups(rollouts),
                needs: inputs.objective,
                isPreference: inputs.isPreference
            )
        }
        let history = try await history(stages, before: iteration)
        var lessons = Lessons(
            ScoredGroups(rollouts),
            needs: inputs.objective,
            staged: try await staged(rollouts, iteration, stages, after: history),
            isPreference: inputs.isPreference
        )
        lessons.objective = stages.objective(spec.objective, after: history)
        return lessons
    }

    private func storePairs(
        _ chosen: Selection,
        _ iteration: Int
    ) async throws(HoneError) -> Int {
        let pairs = chosen.groupPairs.flatMap(\.pairs)
        try await context.store.replacePairs(run: record.id, iteration: iteration, pairs: pairs)
        let counts = PairingCounts(chosen.outcomes)
        if counts.unpaired + counts.tooFewScored > 0 {
            try await note(
                "iteration \(iteration): \(counts.paired) groups gave \(counts.pairs) pairs, "
                    + "\(counts.unpaired) gave none (equal rewards, or closer than the rule asks), "
                    + "\(counts.tooFewScored) have too few scored completions"
            )
        }
        return pairs.count
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
            of: lessons.elements.count,
            size: spec.minibatchSize
        )
        let batch = try lessons.batch(
            elements,
            needs: inputs.objective,
            reference: spec.reference
        )
        try await step(batch, objective: lessons.objective ?? spec.objective)
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
        if spec.kind == .online, inputs.objective.kind == .sequences {
            // These objectives measure the KL a token; `policy/kl` is that of whole sequences.
            values["policy/token_kl"] = values.removeValue(forKey: "policy/kl")
        }
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

    /// What an iteration learns from, read from the store once.
    func lessons(of iteration: Int) async throws(HoneError) -> Lessons {
        if let lessons, lessons.iteration == iteration || spec.kind != .online {
            return lessons.content
        }
        let loaded = try await loadLessons(of: iteration)
        lessons = (iteration, loaded)
        return loaded
    }

    private func loadLessons(of iteration: Int) async throws(HoneError) -> Lessons {
        guard spec.kind == .online else { return try await fixedLessons() }
        let rollouts = try await trainingRollouts(iteration)
        if inputs.learnsFromGroups {
            return try await groupLessons(try await select(rollouts, iteration), iteration)
        }
        var lessons = Lessons(
            rollouts,
            pairs: try await storedPairs(iteration),
            needs: inputs.objective,
            plan: plan,
            isPreference: inputs.isPreference
        )
        if spec.refill != nil { lessons.metrics = try await select(rollouts, iteration).metrics }
        return lessons
    }

    private func fixedLessons() async throws(HoneError) -> Lessons {
        let records = try await context.store.rollouts(
            run: record.id,
            purpose: .data,
            limit: .max
        ).items
        if let data = inputs.rewardData {
            let needs = inputs.objective
            return needs.kind == .pairs
                ? Lessons(texts: records, pairs: try await storedPairs(0), data: data)
                : Lessons(texts: records, data: data, needs: needs)
        }
        return try Lessons(
            records,
            data: inputs.elements,
            needs: inputs.objective,
            estimator: inputs.advantage
        )
    }

    private func storedPairs(_ iteration: Int) async throws(HoneError) -> [PairRecord] {
        try await context.store.pairs(run: record.id, iteration: iteration, limit: .max).items
    }
}
