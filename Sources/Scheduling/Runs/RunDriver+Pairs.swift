import Domain
import Statistics
import WorkerProtocol

extension RunDriver {
    /// Held-out pairs in one request: the memory of a few microbatches.
    private static let pairsPerRequest = 32

    /// How the policy, as it is now, ranks the held-out pairs.
    func heldOutPairMetrics() async throws(HoneError) -> [String: Double] {
        let pairs = inputs.evaluationPairs
        var found: [PairLikelihood] = []
        for start in stride(from: 0, to: pairs.count, by: Self.pairsPerRequest) {
            let part = pairs[start..<min(start + Self.pairsPerRequest, pairs.count)]
            found += try await likelihoods(Array(part))
        }
        return PairMetrics.values(found)
    }

    private func likelihoods(_ pairs: [DataElement]) async throws(HoneError) -> [PairLikelihood] {
        let items = pairs.flatMap { pair in
            pair.completions.prefix(2).map { side in
                WorkerRequest.EncodeItem(prompt: pair.prompt, completion: side.text, ends: true)
            }
        }
        let reply = try await ask(.encode(.init(items: items)))
        guard case .encoded(let encoded) = reply, encoded.count == items.count else {
            throw unexpected(reply)
        }
        for (index, tokens) in encoded.enumerated() {
            try checkLength(tokens, pairs[index / 2].place)
        }
        let groups = encoded.map {
            WorkerRequest.SequenceGroup(
                promptTokens: $0.promptTokens,
                completions: [$0.completionTokens]
            )
        }
        let policy = try await sums(.policy, groups)
        let reference = try await sums(.reference, groups)
        let sides = groups.indices.map { index in
            PairLikelihood.Side(
                policy: policy[index],
                reference: reference[index],
                length: groups[index].completions[0].elements.count
            )
        }
        return pairs.indices.map {
            PairLikelihood(chosen: sides[2 * $0], rejected: sides[2 * $0 + 1])
        }
    }

    private func checkLength(
        _ tokens: WorkerReply.Encoded,
        _ place: String
    ) throws(HoneError) {
        let count = tokens.promptTokens.elements.count + tokens.completionTokens.elements.count
        guard count <= spec.maxSequenceTokens else {
            throw HoneError(
                .promptTooLong,
                "\(place): has \(count) tokens, more than max_sequence_tokens "
                    + "(\(spec.maxSequenceTokens)): shorten it or raise the limit",
                param: place
            )
        }
    }

    private func sums(
        _ source: WorkerRequest.Logprobs.Source,
        _ groups: [WorkerRequest.SequenceGroup]
    ) async throws(HoneError) -> [Double] {
        try await tokenFigures(source, groups).map { $0[0].reduce(0) { $0 + Double($1) } }
    }
}

/// Metrics of held-out pairs, by their contract names.
enum PairMetrics {
    static func values(_ pairs: [PairLikelihood]) -> [String: Double] {
        var values: [String: Double] = [:]
        values["evaluation/ranking_accuracy"] = Sample.mean(pairs.map(\.ranking))
        values["evaluation/ranking_accuracy_per_token"] = Sample.mean(pairs.map(\.rankingPerToken))
        values["evaluation/implicit_accuracy"] = Sample.mean(pairs.map(\.implicitRanking))
        values["evaluation/implicit_margin"] = Sample.mean(pairs.map(\.margin))
        values["evaluation/chosen_log_ratio"] = Sample.mean(pairs.map(\.chosen.logRatio))
        values["evaluation/rejected_log_ratio"] = Sample.mean(pairs.map(\.rejected.logRatio))
        return values
    }
}
