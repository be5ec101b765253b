public import Domain
import WorkerProtocol

extension ControlPlane {
    /// The likeliest tokens in the place of each token of the sequences' completions.
    ///
    /// - Parameters:
    ///   - model: Whose distributions are asked for.
    ///   - sequences: What is asked about; an empty completion gives an empty list.
    ///   - count: How many tokens for each place, from 1 to 64.
    /// - Returns: for each sequence, for each completion token, the likeliest first.
    /// - Throws: `.unknownModel`, `.promptTooLong`, `.workerLost`.
    public func alternatives(
        model: ServedModel,
        sequences: [TokenSequence],
        count: Int
    ) async throws(HoneError) -> [[[TokenAlternative]]] {
        let asked = sequences.indices.filter { !sequences[$0].completion.isEmpty }
        var result = [[[TokenAlternative]]](repeating: [], count: sequences.count)
        guard !asked.isEmpty else { return result }
        var order = WorkerRequest.Measure(
            groups: asked.map {
                .init(
                    promptTokens: Packed(sequences[$0].prompt),
                    completions: [Packed(sequences[$0].completion)]
                )
            },
            topCount: count
        )
        order.listsTopTokens = true
        let reply = try await serving.request(
            .measure(order),
            of: try await served(model, writes: true)
        )
        guard case .measured(let figures) = reply, figures.count == asked.count else {
            throw Self.unexpected
        }
        for (place, group) in zip(asked, figures) {
            let length = sequences[place].completion.count
            guard group.count == 1, group[0].topTokens.elements.count % length == 0 else {
                throw Self.unexpected
            }
            result[place] = Self.split(group[0], into: length)
        }
        return result
    }

    private static func split(
        _ figures: WorkerReply.TokenFigures,
        into count: Int
    ) -> [[TokenAlternative]] {
        let all = zip(figures.topTokens.elements, figures.topLogprobs.elements).map {
            TokenAlternative(token: $0, logprob: $1)
        }
        let width = all.count / count
        return (0..<count).map { Array(all[$0 * width..<($0 + 1) * width]) }
    }
}
