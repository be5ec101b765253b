import Domain
import Rewards
import WorkerProtocol

/// The log-ratios of two language models, which one worker holds.
///
/// A run's completions are scored on the very tokens that were drawn; texts are tokenised by the model
/// and take its end token, as finished answers do in data.
struct ImplicitProvider: RewardProvider {
    let ratio: LogRatio
    let host: any RewardHost

    /// Completions of one request: what a worker refuses one of them for is looked for among them.
    static let completionsAtOnce = 64

    private var model: RewardSource.ModelNeed {
        .compared(ratio.model, reference: ratio.reference)
    }

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let members = groups.flatMap(\.members)
        var scores: [RewardScore] = []
        for start in stride(from: 0, to: members.count, by: Self.completionsAtOnce) {
            let end = min(members.count, start + Self.completionsAtOnce)
            let answers = try await Isolation.answers(Array(members[start..<end])) {
                (part) async throws(HoneError) in try await self.scores(of: part)
            }
            for answer in answers {
                switch answer {
                case .success(let score): scores.append(score)
                case .failure(let error): scores.append(RewardScore(unscored: error.message))
                }
            }
        }
        return groups.split(scores)
    }

    private func scores(of inputs: [RewardInput]) async throws(HoneError) -> [RewardScore] {
        let sequences = try await tokens(of: inputs)
        var asked: [WorkerRequest.SequenceGroup] = []
        for sequence in sequences where !sequence.completion.isEmpty {
            if asked.last?.promptTokens.elements != sequence.prompt {
                asked.append(.init(promptTokens: Packed(sequence.prompt), completions: []))
            }
            asked[asked.count - 1].completions.append(Packed(sequence.completion))
        }
        let own = try await logprobs(asked, .policy)
        let reference = try await logprobs(asked, .reference)
        var place = 0
        return sequences.map { sequence in
            guard !sequence.completion.isEmpty else { return ratio.score([], reference: []) }
            defer { place += 1 }
            return ratio.score(own[place], reference: reference[place])
        }
    }

    /// Prompt and completion in tokens; those of a run as they are.
    private func tokens(
        of inputs: [RewardInput]
    ) async throws(HoneError) -> [(prompt: [Int32], completion: [Int32])] {
        var found = inputs.map { (prompt: $0.promptTokens, completion: $0.completionTokens) }
        let texts = found.indices.filter {
            found[$0].prompt.isEmpty && found[$0].completion.isEmpty
        }
        guard !texts.isEmpty else { return found }
        let items = texts.map { place in
            WorkerRequest.EncodeItem(
                prompt: .text(inputs[place].prompt),
                completion: inputs[place].completion,
                ends: true
            )
        }
        guard case .encoded(let encoded) = try await host.ask(model, .encode(.init(items: items))),
            encoded.count == items.count
        else { throw host.unexpected }
        for (place, text) in zip(texts, encoded) {
            found[place] = (text.promptTokens.elements, text.completionTokens.elements)
        }
        return found
    }

    /// Of each completion, in order, one number a token.
    private func logprobs(
        _ groups: [WorkerRequest.SequenceGroup],
        _ source: WorkerRequest.Logprobs.Source
    ) async throws(HoneError) -> [[Float]] {
        guard !groups.isEmpty else { return [] }
        let order = WorkerRequest.Logprobs(source: source, groups: groups)
        guard case .logprobs(let found) = try await host.ask(model, .logprobs(order)),
            found.map({ $0.map(\.elements.count) })
                == groups.map({ $0.completions.map(\.elements.count) })
        else { throw host.unexpected }
        return found.flatMap { $0.map(\.elements) }
    }
}
