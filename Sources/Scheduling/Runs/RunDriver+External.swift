import Domain
import Objectives
import Statistics
import Store
import WorkerProtocol

extension RunDriver {
    /// Waits for a client's batch and makes one step with it.
    ///
    /// A batch that is wrong is answered with its error and the wait goes on.
    ///
    /// - Returns: `false` when the wait was interrupted.
    func serve() async throws(HoneError) -> Bool {
        while let ticket = await inbox.next() {
            do throws(HoneError) {
                let result = try await step(ticket.batch)
                ticket.reply.resume(returning: .success(result))
                return true
            } catch {
                ticket.reply.resume(returning: .failure(error))
                if error.isLoss || error.code == .notANumber { throw error }
            }
        }
        return false
    }

    private func step(_ request: UpdateBatch) async throws(HoneError) -> UpdateResult {
        if let expected = request.expectedPolicyVersion, expected != policyVersion {
            throw HoneError(
                .staleVersion,
                "the policy is at version \(policyVersion), not \(expected): sample again, or leave "
                    + "expected_policy_version out",
                param: "expected_policy_version"
            )
        }
        let objective = request.objective ?? spec.objective
        let requirements = try requirements(objective)
        try checkOpened(requirements, objective.name)
        var request = request
        let used = try await addFeedback(to: &request, requirements, objective.name)
        if requirements.kind == .pairs && request.pairs.isEmpty {
            throw HoneError(
                .invalidRequest,
                "\(objective.name) learns from pairs: send some",
                param: "batch"
            )
        }
        let batch = try await batch(request, requirements)
        let updated = try await step(
            batch,
            objective: objective,
            learningRate: request.learningRate
        )
        try await context.store.useFeedback(
            used,
            run: record.id,
            iteration: machine.unit?.iteration ?? 0
        )
        var result = UpdateResult(
            policyVersion: updated.policyVersion,
            step: updated.step,
            metrics: updated.metrics
        )
        result.feedback = used
        return result
    }

    /// Fills a batch with the verdicts that a client asks for.
    ///
    /// - Returns: their ids.
    /// - Throws: `.emptyData` when none says anything that the objective can learn.
    private func addFeedback(
        to request: inout UpdateBatch,
        _ needs: DataRequirements,
        _ objective: String
    ) async throws(HoneError) -> [Int] {
        guard let filter = request.feedback else { return [] }
        let kinds = FeedbackBatch.kinds(needs)
        guard !kinds.isEmpty else {
            throw HoneError(
                .invalidRequest,
                "\(objective) cannot learn from verdicts as they are: send a batch",
                param: "feedback"
            )
        }
        let records = try await verdicts(filter, kinds, needs)
        let named = records.flatMap { $0.content.subjects.compactMap(\.rollout) }
        let batch = FeedbackBatch(
            records,
            needs: needs,
            annotators: AnnotatorModel(records),
            rollouts: try await context.store.storedRollouts(among: Set(named)),
            limit: filter.limit
        )
        guard !batch.used.isEmpty else {
            throw HoneError(
                .emptyData,
                "no verdict fits that \(objective) learns from (\(kinds.map(\.rawValue).joined(separator: ", "))) "
                    + "and that the run has not learned from: widen the filter, or write \"again\": true",
                param: "feedback"
            )
        }
        (request.sequences, request.pairs) = (batch.sequences, batch.pairs)
        return batch.used
    }

    /// The oldest verdicts that fit a filter, with as many among them as it asks for that can be learned from.
    private func verdicts(
        _ filter: FeedbackFilter,
        _ kinds: [Verdict.Kind],
        _ needs: DataRequirements
    ) async throws(HoneError) -> [FeedbackRecord] {
        var found: [FeedbackRecord] = []
        var fitting = 0
        while true {
            let page = try await context.store.feedback(
                run: filter.runID,
                iteration: filter.iteration,
                kinds: kinds,
                annotator: filter.annotator,
                source: filter.source,
                unusedBy: filter.again ? nil : record.id,
                after: found.last?.id,
                limit: filter.limit
            )
            found += page.items
            fitting += FeedbackBatch(page.items, needs: needs).used.count
            guard page.hasMore, fitting < filter.limit else { return found }
        }
    }

    /// What the worker was opened with is decided by the run's own objective.
    private func checkOpened(
        _ needs: DataRequirements,
        _ name: String
    ) throws(HoneError) {
        let missing: String? =
            if needs.trainsScores {
                "a reward model's score: use kind reward_model"
            } else if needs.trainsValues && !inputs.objective.trainsValues {
                "a value head: name an objective that trains one, as value_loss, in the run's spec"
            } else if needs.teacherCount > inputs.objective.teacherCount {
                "its teachers: name the objective and its teachers in the run's spec"
            } else {
                nil
            }
        guard let missing else { return }
        throw HoneError(
            .invalidRequest,
            "\(name) needs \(missing)",
            param: "objective"
        )
    }

    /// What an objective reads of a batch.
    func requirements(_ objective: NamedParameters) throws(HoneError) -> DataRequirements {
        do throws(Faults) {
            return try ObjectiveCatalogue.make(
                name: objective.name,
                parameters: objective.parameters,
                path: "$.objective"
            ).requirements
        } catch {
            throw HoneError(.invalidRequest, error.description, param: "objective")
        }
    }
}
