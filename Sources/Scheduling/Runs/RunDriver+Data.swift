import Domain
import Objectives
import Store
import WorkerProtocol

extension RunDriver {
    /// One sequence of the data file, as it will be stored.
    private struct DataSequence {
        var place: String
        var element: Int
        /// Its place among the element's completions.
        var role: Int
        var item: WorkerRequest.EncodeItem
    }

    /// Tokenises and stores one part of the data, unless that is done already; after the last part
    /// the pairs.
    func encode(_ unit: Int) async throws(HoneError) {
        let count = inputs.encodedCount(spec)
        let start = unit * RunInputs.elementsPerUnit
        let elements = start..<min(count, start + RunInputs.elementsPerUnit)
        let isStored = try await !context.store.rollouts(
            run: record.id,
            purpose: .data,
            unit: unit,
            limit: 1
        ).items.isEmpty
        if !isStored { try await encode(elements.flatMap(sequences), unit: unit) }
        if elements.upperBound == count { try await storeDataPairs() }
    }

    private func sequences(_ element: Int) -> [DataSequence] {
        func sequence(
            _ place: String,
            _ role: Int,
            _ prompt: Prompt,
            _ text: String
        ) -> DataSequence {
            let ends = spec.kind != .rewardModel
            return DataSequence(
                place: place,
                element: element,
                role: role,
                item: .init(prompt: prompt, completion: text, ends: ends)
            )
        }
        switch spec.kind {
        case .online, .offline, .sft:
            let data = inputs.elements[element]
            return data.completions.enumerated().map {
                sequence(data.place, $0, data.prompt, $1.text)
            }
        case .rewardModel:
            guard let data = inputs.rewardData else { return [] }
            let text = data.rendered(element, spec.rewardModel)
            return [sequence("text \(element + 1) of the data", 0, .text(""), text)]
        case .external: return []
        }
    }

    private func encode(_ sequences: [DataSequence], unit: Int) async throws(HoneError) {
        let reply = try await ask(.encode(.init(items: sequences.map(\.item))))
        guard case .encoded(let encoded) = reply, encoded.count == sequences.count else {
            throw unexpected(reply)
        }
        for (sequence, tokens) in zip(sequences, encoded) { try check(sequence, tokens) }
        let references = try await referenceLogprobs(encoded)
        let rollouts = zip(sequences.indices, zip(sequences, encoded)).map { index, pair in
            NewRollout(
                promptIndex: pair.0.element,
                sampleIndex: pair.0.role,
                prompt: pair.0.item.prompt,
                rollout: Rollout(
                    promptTokens: pair.1.promptTokens.elements,
                    completionTokens: pair.1.completionTokens.elements,
                    text: pair.0.item.completion ?? "",
                    logprobs: [],
                    samplingLogprobs: [],
                    referenceLogprobs: references.isEmpty ? [] : references[index],
                    policyVersion: 0,
                    stopReason: .endToken
                )
            )
        }
        _ = try await context.store.insertRollouts(
            rollouts,
            run: record.id,
            purpose: .data,
            unit: unit
        )
    }

    private func check(
        _ sequence: DataSequence,
        _ encoded: WorkerReply.Encoded
    ) throws(HoneError) {
        let count = encoded.promptTokens.elements.count + encoded.completionTokens.elements.count
        if count > spec.maxSequenceTokens {
            throw HoneError(
                .promptTooLong,
                "\(sequence.place): has \(count) tokens, more than max_sequence_tokens "
                    + "(\(spec.maxSequenceTokens)): shorten it or raise the limit",
                param: sequence.place
            )
        }
        if encoded.completionTokens.elements.isEmpty {
            throw HoneError(
                .invalidData,
                "\(sequence.place): has an empty completion",
                param: sequence.place
            )
        }
    }

    private func referenceLogprobs(
        _ encoded: [WorkerReply.Encoded]
    ) async throws(HoneError) -> [[Float]] {
        // The old policy of a data file is the one that the run starts with.
        let used: Set<BatchField> = [.referenceLogprobs, .oldLogprobs, .behaviorLogprobs]
        guard !inputs.objective.fields.isDisjoint(with: used), spec.kind != .rewardModel else {
            return []
        }
        let groups = encoded.map {
            WorkerRequest.SequenceGroup(
                promptTokens: $0.promptTokens,
                completions: [$0.completionTokens]
            )
        }
        return try await tokenFigures(.reference, groups).map { $0[0] }
    }

    private func storeDataPairs() async throws(HoneError) {
        let stored = try await context.store.pairs(run: record.id, iteration: 0, limit: 1).items
        let readsPairs = inputs.rewardData?.readsPairs ?? false
        let hasPairs = inputs.objective.kind == .pairs && !readsPairs
        guard hasPairs, stored.isEmpty else { return }
        let rollouts = try await context.store.rollouts(
            run: record.id,
            purpose: .data,
            limit: .max
        ).items
        var ids: [Int: [Int: Int]] = [:]
        for rollout in rollouts {
            ids[rollout.promptIndex, default: [:]][rollout.sampleIndex] = rollout.id
        }
        let pairs: [(Int, Int, Double?)]
        if let data = inputs.rewardData {
            pairs = data.trainingPairs.compactMap { pair in
                guard let chosen = ids[pair.chosen]?[0], let rejected = ids[pair.rejected]?[0]
                else { return nil }
                return (chosen, rejected, data.margin(of: pair))
            }
        } else {
            pairs = inputs.elements.indices.compactMap { element in
                guard let chosen = ids[element]?[0], let rejected = ids[element]?[1] else {
                    return nil
                }
                return (chosen, rejected, inputs.elements[element].margin)
            }
        }
        try await context.store.replacePairs(run: record.id, iteration: 0, pairs: pairs)
    }
}
