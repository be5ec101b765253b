import Domain
import Objectives
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
        if requirements.kind == .pairs && request.pairs.isEmpty {
            throw HoneError(
                .invalidRequest,
                "\(objective.name) learns from pairs: send some",
                param: "batch"
            )
        }
        let batch = try await batch(request, needsReference: requirements.needsReference)
        let updated = try await step(
            batch,
            objective: objective,
            learningRate: request.learningRate
        )
        return UpdateResult(
            policyVersion: updated.policyVersion,
            step: updated.step,
            metrics: updated.metrics
        )
    }

    private func requirements(_ objective: NamedParameters) throws(HoneError) -> DataRequirements {
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

    private func batch(
        _ request: UpdateBatch,
        needsReference: Bool
    ) async throws(HoneError) -> Lessons.Batch {
        var batch = Lessons.Batch()
        let tokens = try await tokens(request.sequences)
        let references = try await references(request.sequences, tokens, needsReference)
        for (index, sequence) in request.sequences.enumerated() {
            try check(sequence, tokens[index].completion.count, index)
            let reference = sequence.referenceLogprobs ?? references[index]
            _ = batch.append(
                prompt: tokens[index].prompt,
                completion: tokens[index].completion,
                WorkerRequest.TrainingSequence(
                    group: 0,
                    completion: 0,
                    referenceLogprobs: reference.map { Packed($0) },
                    oldLogprobs: sequence.oldLogprobs.map { Packed($0) },
                    behaviorLogprobs: sequence.behaviorLogprobs.map { Packed($0) },
                    advantages: sequence.advantages.map { Packed($0) },
                    reward: sequence.reward,
                    weight: sequence.weight,
                    label: sequence.label
                )
            )
        }
        for (index, pair) in request.pairs.enumerated() {
            guard request.sequences.indices.contains(pair.chosen),
                request.sequences.indices.contains(pair.rejected)
            else {
                throw HoneError(
                    .invalidRequest,
                    "pair \(index) names a sequence that is not there",
                    param: "batch.pairs[\(index)]"
                )
            }
            batch.pairs.append(
                .init(chosen: pair.chosen, rejected: pair.rejected, margin: pair.margin)
            )
        }
        return batch
    }

    private func check(
        _ sequence: UpdateSequence,
        _ count: Int,
        _ index: Int
    ) throws(HoneError) {
        let place = "batch.sequences[\(index)]"
        if count == 0 {
            throw HoneError(.invalidRequest, "\(place) has an empty completion", param: place)
        }
        let lists = [
            ("reference_logprobs", sequence.referenceLogprobs),
            ("old_logprobs", sequence.oldLogprobs),
            ("behavior_logprobs", sequence.behaviorLogprobs),
            ("advantages", sequence.advantages),
        ]
        for (name, list) in lists {
            guard let list, list.count != count else { continue }
            throw HoneError(
                .invalidRequest,
                "\(place).\(name) has \(list.count) numbers for \(count) completion tokens",
                param: "\(place).\(name)"
            )
        }
    }

    private typealias Tokens = (prompt: [Int32], completion: [Int32], reference: [Float]?)

    private func tokens(_ sequences: [UpdateSequence]) async throws(HoneError) -> [Tokens] {
        var result: [Tokens] = []
        for sequence in sequences {
            switch sequence.source {
            case .tokens(let prompt, let completion): result.append((prompt, completion, nil))
            case .rollout(let id):
                guard let stored = try await context.store.rollout(id) else {
                    throw HoneError(
                        .unknownRollout,
                        "there is no rollout \(id)",
                        param: String(id)
                    )
                }
                let rollout = stored.rollout
                let belongs = stored.runID == record.id && !rollout.referenceLogprobs.isEmpty
                result.append(
                    (
                        rollout.promptTokens, rollout.completionTokens,
                        belongs ? rollout.referenceLogprobs : nil
                    )
                )
            case .text(let prompt, let completion):
                let item = WorkerRequest.EncodeItem(
                    prompt: prompt,
                    completion: completion,
                    ends: true
                )
                let reply = try await ask(.encode(.init(items: [item])))
                guard case .encoded(let encoded) = reply, let first = encoded.first else {
                    throw unexpected(reply)
                }
                result.append(
                    (first.promptTokens.elements, first.completionTokens.elements, nil)
                )
            }
        }
        return result
    }

    /// Reference log-probabilities of the sequences that came without.
    private func references(
        _ sequences: [UpdateSequence],
        _ tokens: [Tokens],
        _ needsReference: Bool
    ) async throws(HoneError) -> [[Float]?] {
        var result = tokens.map(\.reference)
        guard needsReference else { return result }
        let missing = sequences.indices.filter {
            sequences[$0].referenceLogprobs == nil && result[$0] == nil
        }
        guard !missing.isEmpty else { return result }
        let groups = missing.map {
            WorkerRequest.SequenceGroup(
                promptTokens: Packed(tokens[$0].prompt),
                completions: [Packed(tokens[$0].completion)]
            )
        }
        let reply = try await ask(.logprobs(.init(source: .reference, groups: groups)))
        guard case .logprobs(let values) = reply, values.count == missing.count,
            values.allSatisfy({ $0.count == 1 })
        else { throw unexpected(reply) }
        for (place, value) in zip(missing, values) { result[place] = value[0].elements }
        return result
    }
}
