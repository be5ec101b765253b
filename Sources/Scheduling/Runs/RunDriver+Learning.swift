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
        try await gatherLabels(iteration)
        // A run that goes on may have stored rounds that this one does not know of yet.
        let end = round.endPlace
        let rollouts = try await trainingRollouts(iteration).filter { $0.promptIndex < end }
        let chosen = try await select(rollouts, iteration)
        if let next = try await refill(chosen, iteration) { return .init(refill: next) }
        if inputs.learnsFromGroups {
            try await keepGroups(chosen, iteration)
        } else {
            try await storePairs(chosen, iteration)
        }
        let content = try await lessons(of: iteration)
        let steps = BatchPlan.stepsPerPass(
            content.own.count,
            minibatchSize: content.ownShare(MinibatchShares(spec))
        )
        return .init(updateSteps: spec.updateEpochs * steps)
    }

    private func keepGroups(_ chosen: Selection, _ iteration: Int) async throws(HoneError) {
        let scored = ScoredGroups(chosen.drawn, minimumSize: minimumGroup)
        let content = try await groupLessons(chosen, iteration)
        // Kept for the steps: the values are those of the weights before the first one.
        lessons = (iteration, try await mixed(content, iteration))
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
    }

    /// The fewest scored completions that a group is learned from: with an opponent to compare it with,
    /// a lone one will do.
    private var minimumGroup: Int { spec.opponent == nil ? ScoredGroups.minimumSize : 1 }

    private func groupLessons(
        _ chosen: Selection,
        _ iteration: Int,
        late: Int = 0
    ) async throws(HoneError) -> Lessons {
        var lessons = try await groupLessons(chosen.learned, iteration, late: late)
        lessons.metrics.merge(chosen.metrics) { $1 }
        return lessons
    }

    /// What the stages make of an iteration's groups.
    ///
    /// `late` counts the iterations since, when it is learned from again.
    func groupLessons(
        _ rollouts: [RolloutRecord],
        _ iteration: Int,
        late: Int = 0
    ) async throws(HoneError) -> Lessons {
        let (rollouts, count) = try await withSuccesses(rollouts, iteration)
        let opponents = try await opponents(iteration)
        guard let stages = inputs.stages else {
            return Lessons(
                ScoredGroups(rollouts, minimumSize: minimumGroup),
                needs: inputs.objective,
                opponents: opponents,
                isPreference: inputs.isPreference
            )
        }
        let history = try await history(stages, before: iteration)
        var lessons = Lessons(
            ScoredGroups(rollouts, minimumSize: minimumGroup),
            needs: inputs.objective,
            opponents: opponents,
            staged: try await staged(rollouts, iteration, stages, after: history, late: late),
            isPreference: inputs.isPreference
        )
        if spec.mix?.successes != nil {
            lessons.metrics["rollout/replayed_successes"] = Double(count)
        }
        lessons.objective = stages.objective(spec.objective, after: history)
        return lessons
    }

    private func storePairs(_ chosen: Selection, _ iteration: Int) async throws(HoneError) {
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
        let elements =
            isOnline
            ? lessons.minibatch(
                step: unit.index,
                iteration: unit.iteration,
                version: policyVersion,
                MinibatchShares(spec),
                plan
            )
            : plan.minibatch(
                step: fixed.lowerBound + unit.index,
                place: 0,
                of: lessons.elements.count,
                size: spec.minibatchSize,
                in: lessons.order ?? inputs.order
            )
        let batch = try lessons.batch(
            elements,
            needs: inputs.objective,
            reference: spec.reference
        )
        try await step(
            batch,
            objective: lessons.objective ?? spec.objective,
            movesValuesOnly: isWarmingUp(unit.iteration)
        )
    }

    /// Has the worker make a step and keeps its metrics.
    @discardableResult
    func step(
        _ batch: Lessons.Batch,
        objective: NamedParameters,
        learningRate: Double? = nil,
        movesValuesOnly: Bool = false
    ) async throws(HoneError) -> WorkerReply.Updated {
        let rate = learningRate ?? scheduledRate
        var order = WorkerRequest.Update(
            objective: objective,
            groups: batch.groups,
            sequences: batch.sequences,
            pairs: batch.pairs,
            learningRate: rate,
            expectedPolicyVersion: policyVersion
        )
        order.valueLearningRate = valueRate(beside: rate)
        order.movesValuesOnly = movesValuesOnly
        let reply = try await ask(.update(order))
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

    private var scheduledRate: Double { spec.optimizer.rate(at: policyVersion, of: totalSteps) }

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
        return try await mixed(try await ownLessons(of: iteration), iteration)
    }

    /// What an iteration's own rollouts teach; `late` counts the iterations since.
    func ownLessons(of iteration: Int, late: Int = 0) async throws(HoneError) -> Lessons {
        let rollouts = try await trainingRollouts(iteration)
        let chosen = try await select(rollouts, iteration)
        if inputs.learnsFromGroups {
            return try await groupLessons(chosen, iteration, late: late)
        }
        var lessons = Lessons(
            rollouts,
            opponents: try await opponents(iteration),
            pairs: try await storedPairs(iteration),
            certainty: HumanLabels.certainty(try await labels(iteration)?.pairs ?? []),
            needs: inputs.objective,
            plan: plan,
            isPreference: inputs.isPreference
        )
        lessons.metrics = chosen.metrics
        return lessons
    }

    func fixedLessons() async throws(HoneError) -> Lessons {
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
        var lessons = try Lessons(
            records,
            data: inputs.elements,
            needs: inputs.objective,
            estimator: inputs.advantage
        )
        lessons.order = Curriculum(spec).pairOrder(lessons.elements)
        return lessons
    }

    private func storedPairs(_ iteration: Int) async throws(HoneError) -> [PairRecord] {
        try await context.store.pairs(run: record.id, iteration: iteration, limit: .max).items
    }
}
