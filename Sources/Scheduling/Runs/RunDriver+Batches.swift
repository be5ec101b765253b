import Domain
import Objectives
import Store
import WorkerProtocol

// A client's batch as the worker takes it.
extension RunDriver {
    /// One sequence of a client, tokenised.
    private struct Received {
        var prompt: [Int32]
        var completion: [Int32]
        var content: WorkerRequest.TrainingSequence
    }

    /// The content of a client's step; what the reference policy says is added where it is needed.
    func batch(
        _ request: UpdateBatch,
        _ needs: DataRequirements
    ) async throws(HoneError) -> Lessons.Batch {
        var received: [Received] = []
        for (index, sequence) in request.sequences.enumerated() {
            received.append(try await receive(sequence, "batch.sequences[\(index)]"))
        }
        if needs.needsReference { try await addReferences(&received) }
        var batch = Lessons.Batch()
        batch.pairs = try pairs(request, needs)
        try checkPrompts(of: request, received)
        if needs.fields.contains(.label) {
            for pair in request.pairs {
                received[pair.chosen].content.label = received[pair.chosen].content.label ?? true
                received[pair.rejected].content.label =
                    received[pair.rejected].content.label ?? false
            }
        }
        let starts = Set(request.groups.map(\.lowerBound))
        for (index, sequence) in received.enumerated() {
            // Groups stay groups, even those of one prompt.
            if starts.contains(index) { batch.endGroups() }
            _ = batch.append(
                prompt: sequence.prompt,
                completion: sequence.completion,
                sequence.content
            )
        }
        return batch
    }

    /// A group is compared within itself, which completions of different prompts cannot be.
    private func checkPrompts(
        of request: UpdateBatch,
        _ received: [Received]
    ) throws(HoneError) {
        for (index, group) in request.groups.enumerated() {
            let prompts = Set(group.map { received[$0].prompt })
            if prompts.count > 1 {
                let place = "batch.groups[\(index)]"
                throw HoneError(
                    .invalidRequest,
                    "\(place) has completions of \(prompts.count) different prompts: make a group of "
                        + "each prompt's",
                    param: place
                )
            }
        }
    }

    private func pairs(
        _ request: UpdateBatch,
        _ needs: DataRequirements
    ) throws(HoneError) -> [WorkerRequest.TrainingPair] {
        var pairs: [WorkerRequest.TrainingPair] = []
        for (index, pair) in request.pairs.enumerated() {
            let members = [pair.chosen, pair.rejected, pair.third].compactMap(\.self)
            guard members.allSatisfy(request.sequences.indices.contains) else {
                throw HoneError(
                    .invalidRequest,
                    "pair \(index) names a sequence that is not there",
                    param: "batch.pairs[\(index)]"
                )
            }
            if let wanted = needs.third?.rawValue, let given = pair.thirdName, given != wanted {
                let place = "batch.pairs[\(index)]"
                throw HoneError(
                    .invalidRequest,
                    "\(place) has \"\(given)\", and the objective learns from \"\(wanted)\": give that",
                    param: "\(place).\(given)"
                )
            }
            pairs.append(
                .init(
                    chosen: pair.chosen,
                    rejected: pair.rejected,
                    third: pair.third,
                    margin: pair.margin,
                    preferenceProbability: pair.preferenceProbability,
                    weight: pair.weight
                )
            )
        }
        return pairs
    }

    private func receive(
        _ sequence: UpdateSequence,
        _ place: String
    ) async throws(HoneError) -> Received {
        var received = try await tokens(sequence.source)
        let count = received.completion.count
        if count == 0 {
            throw HoneError(.invalidRequest, "\(place) has an empty completion", param: place)
        }
        for (name, numbers) in sequence.tokens.sorted(by: { $0.key < $1.key }) {
            guard numbers.count == count else {
                throw HoneError(
                    .invalidRequest,
                    "\(place).\(name) has \(numbers.count) numbers for \(count) completion tokens",
                    param: "\(place).\(name)"
                )
            }
            received.content.tokens[name] = Packed(numbers)
        }
        received.content.scalars = sequence.scalars
        received.content.weight = sequence.weight
        received.content.label = sequence.label
        return received
    }

    private func tokens(
        _ source: UpdateSequence.Source
    ) async throws(HoneError) -> Received {
        switch source {
        case .tokens(let prompt, let completion):
            return Received(prompt: prompt, completion: completion, content: .init())
        case .rollout(let id): return try await stored(id)
        case .text(let prompt, let completion):
            let item = WorkerRequest.EncodeItem(prompt: prompt, completion: completion, ends: true)
            let reply = try await ask(.encode(.init(items: [item])))
            guard case .encoded(let encoded) = reply, let first = encoded.first else {
                throw unexpected(reply)
            }
            return Received(
                prompt: first.promptTokens.elements,
                completion: first.completionTokens.elements,
                content: .init()
            )
        }
    }

    /// A stored rollout with its log-probabilities: those of another run's reference are not this
    /// one's.
    private func stored(_ id: Int) async throws(HoneError) -> Received {
        guard let stored = try await context.store.rollout(id) else {
            throw HoneError(.unknownRollout, "there is no rollout \(id)", param: String(id))
        }
        let rollout = stored.rollout
        var content = WorkerRequest.TrainingSequence()
        func keep(_ field: BatchField, _ numbers: [Float]) {
            guard numbers.count == rollout.completionTokens.count else { return }
            content.tokens[field.rawValue] = Packed(numbers)
        }
        keep(.oldLogprobs, rollout.logprobs)
        keep(.behaviorLogprobs, rollout.samplingLogprobs)
        if stored.runID == record.id { keep(.referenceLogprobs, rollout.referenceLogprobs) }
        return Received(
            prompt: rollout.promptTokens,
            completion: rollout.completionTokens,
            content: content
        )
    }

    /// Reference log-probabilities of the sequences that came without.
    private func addReferences(_ received: inout [Received]) async throws(HoneError) {
        let name = BatchField.referenceLogprobs.rawValue
        let missing = received.indices.filter { received[$0].content.tokens[name] == nil }
        guard !missing.isEmpty else { return }
        let groups = missing.map {
            WorkerRequest.SequenceGroup(
                promptTokens: Packed(received[$0].prompt),
                completions: [Packed(received[$0].completion)]
            )
        }
        for (place, values) in zip(missing, try await tokenFigures(.reference, groups)) {
            received[place].content.tokens[name] = Packed(values[0])
        }
    }
}
