public import Domain
public import Store

extension ControlPlane {
    /// Where verdicts are given in and comparisons handed out.
    public nonisolated var feedback: FeedbackDesk { FeedbackDesk(store: store) }

    /// Asks for an evaluation, which the daemon does when those before it are done.
    ///
    /// Its data is kept with it: the files may change afterwards.
    /// - Parameters:
    ///   - order: What to evaluate.
    ///   - origin: Names the request; an equal one finds the evaluation that the first made.
    /// - Returns: The evaluation, queued.
    /// - Throws: `.invalidRequest` with everything that is wrong, `.unknownModel`, `.notFound`,
    ///   `.emptyData` and `.invalidData` for files.
    public func submit(
        _ order: EvaluationOrder,
        origin: String? = nil
    ) async throws(HoneError) -> EvaluationRecord {
        _ = try await runner(order)
        let record = try await store.insertEvaluation(
            try order.holdingItsData(),
            origin: origin
        )
        evaluationQueue.wake()
        return record
    }

    /// Does an evaluation at once, without keeping it.
    ///
    /// - Parameters:
    ///   - order: What to evaluate.
    ///   - progress: Told after each unit of work how many are done, of how many.
    /// - Returns: What came of it.
    /// - Throws: As `submit(_:)`, and what the workers fail with.
    public func evaluate(
        _ order: EvaluationOrder,
        progress: @escaping @Sendable (Int, Int) async -> Void
    ) async throws(HoneError) -> EvaluationReport {
        try await runner(order).run { (completed, total) async throws(HoneError) in
            await progress(completed, total)
        }
    }

    /// One evaluation.
    ///
    /// - Throws: `.notFound`.
    public func evaluation(_ id: String) async throws(HoneError) -> EvaluationRecord {
        try await store.evaluation(id)
    }

    /// Evaluations in the order they were asked for; `limit` is held between 1 and 1000.
    public func evaluations(
        after id: String? = nil,
        limit: Int = 100
    ) async throws(HoneError) -> Page<EvaluationRecord> {
        try await store.evaluations(after: id, limit: max(1, min(limit, 1000)))
    }

    /// Ends an evaluation that waits or is under way; what it has done so far is lost.
    ///
    /// - Throws: `.notFound`, `.conflict` when it has ended.
    public func cancelEvaluation(_ id: String) async throws(HoneError) -> EvaluationRecord {
        let isEnded = try await !store.endEvaluation(id, .cancelled)
        let record = try await store.evaluation(id)
        if isEnded, record.state != .cancelled {
            throw HoneError(
                .conflict,
                "the evaluation \(id) has \(record.state.rawValue) and cannot be cancelled",
                param: id
            )
        }
        await evaluationQueue.cancel(id)
        return record
    }

    /// Removes an evaluation; one that is under way is ended.
    public func deleteEvaluation(_ id: String) async throws(HoneError) {
        _ = try await store.evaluation(id)
        _ = try await store.endEvaluation(id, .cancelled)
        await evaluationQueue.cancel(id)
        try await store.deleteEvaluation(id)
    }

    /// Does what waits, one after another, until the task is cancelled.
    ///
    /// One that was under way when the process ended begins anew: its draws are the same again.
    func driveEvaluations() async {
        var signals = evaluationQueue.signals.makeAsyncIterator()
        repeat {
            while !Task.isCancelled, let next = await nextEvaluation() {
                let id = next.id
                await evaluationQueue.perform(id) { await self.drive(next) }
                // Ended in the middle, it goes on at the next start; what could not be stored, soon.
                guard !Task.isCancelled else { return }
                if await !hasEnded(id) { await waitForStore() }
            }
        } while await signals.next() != nil && !Task.isCancelled
    }

    private func nextEvaluation() async -> EvaluationRecord? {
        do throws(HoneError) { return try await store.nextEvaluation() } catch {
            log("the evaluations stopped: \(error.message); trying again in 10 seconds")
            await waitForStore()
            evaluationQueue.wake()
            return nil
        }
    }

    private func waitForStore() async { try? await Task.sleep(for: .seconds(10)) }

    private func hasEnded(_ id: String) async -> Bool {
        guard let record = try? await store.evaluation(id) else { return true }
        return record.state.isFinal
    }

    private func drive(_ record: EvaluationRecord) async {
        let (id, store) = (record.id, store)
        log("\(id) runs")
        do throws(HoneError) {
            try await store.beginEvaluation(id)
            let report = try await runner(record.order).run {
                (completed, total) async throws(HoneError) in
                try await store.advanceEvaluation(id, completed: completed, total: total)
            }
            _ = try await store.endEvaluation(id, .succeeded, report: try report.value())
        } catch {
            // What a cancelled task throws says nothing: a user's cancellation is stored already.
            if Task.isCancelled { return }
            _ = try? await store.endEvaluation(id, .failed, error: error)
        }
    }

    // MARK: What an order names

    private func runner(_ order: EvaluationOrder) async throws(HoneError) -> EvaluationRunner {
        var faults = order.contradictions
        let rewards = try await rewards(order, &faults)
        if !faults.isEmpty {
            throw HoneError(.invalidRequest, Faults(faults).description, param: faults[0].path)
        }
        var models: [EvaluatedModel] = []
        for name in order.models {
            models.append(try await evaluatedModel(name, reference: order.reference))
        }
        return EvaluationRunner(
            order: order,
            data: try EvaluationData(order),
            models: models,
            rewards: rewards,
            host: ServingEvaluationHost(plane: self)
        )
    }

    private func rewards(
        _ order: EvaluationOrder,
        _ faults: inout [Fault]
    ) async throws(HoneError) -> [EvaluationReward] {
        var rewards: [EvaluationReward] = []
        for (index, value) in order.rewards.enumerated() {
            let path = "$.rewards[\(index)]"
            do throws(Faults) {
                let evaluator = try RewardEvaluator(value, path: path)
                let taken = rewards.count { $0.evaluator.name == evaluator.name }
                rewards.append(
                    EvaluationReward(
                        name: taken > 0 ? "\(evaluator.name)_\(taken + 1)" : evaluator.name,
                        evaluator: evaluator,
                        host: try await host(of: evaluator, path)
                    )
                )
            } catch {
                faults += error.list
            }
        }
        return rewards
    }

    private func host(
        of evaluator: RewardEvaluator,
        _ path: String
    ) async throws(Faults) -> ServingRewardHost {
        do throws(HoneError) { return try await rewardHost(evaluator.plan) } catch {
            throw Faults([Fault(path: path, message: error.message)])
        }
    }

    /// A model with what its KL is measured to: what was asked for, else the model it was trained
    /// from.
    private func evaluatedModel(
        _ name: String,
        reference wanted: String?
    ) async throws(HoneError) -> EvaluatedModel {
        let own = try await served(.model(name), writes: true)
        let record = try await model(name)
        guard let reference = try await reference(of: record, wanted: wanted) else {
            return EvaluatedModel(name: name, served: own, reference: nil)
        }
        let other = try await model(reference)
        guard !other.isRewardModel else {
            throw HoneError(
                .invalidRequest,
                "\"\(reference)\" is a reward model and no reference",
                param: "reference"
            )
        }
        guard other.configuration.vocabularySize == record.configuration.vocabularySize else {
            throw HoneError(
                .vocabularyMismatch,
                "\"\(reference)\" has a vocabulary of \(other.configuration.vocabularySize) tokens, "
                    + "\"\(name)\" one of \(record.configuration.vocabularySize): take a reference of "
                    + "the same family",
                param: "reference"
            )
        }
        return EvaluatedModel(
            name: name,
            served: own.compared(withFolder: other.folder),
            reference: reference
        )
    }

    private func reference(
        of model: ModelRecord,
        wanted: String?
    ) async throws(HoneError) -> String? {
        if let wanted { return wanted }
        guard let id = model.runID, let run = try? await store.run(id),
            try await findModel(run.spec.model) != nil
        else { return nil }
        return run.spec.model
    }
}
