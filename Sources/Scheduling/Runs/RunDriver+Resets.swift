import Domain
import Store
import WorkerProtocol

/// A prompt as it is sampled from.
struct SampledPrompt: Sendable {
    /// What the policy continues.
    var prompt: Prompt
    /// The number its draws are seeded by.
    var stream: Int
    /// For a prompt that was begun with a completion of the data: what it was, and the text of the
    /// tokens that are there already.
    var origin: (prompt: Prompt, prefix: String)?
}

extension RunDriver {
    /// Begins some of the prompts with the first tokens of their records' completions.
    ///
    /// Those tokens are part of the prompt, so that what is trained is what the policy wrote; how
    /// many is drawn from 1 to one less than there are.
    ///
    /// Source: Chang et al. 2024 (DR-PO), arXiv 2404.08495, algorithm 1, and its code.
    func reset(
        _ prompts: [SampledPrompt],
        _ indices: [Int]
    ) async throws(HoneError) -> [SampledPrompt] {
        guard let resets = spec.resets else { return prompts }
        var randoms: [Int: PhiloxSequence] = [:]
        for (place, prompt) in prompts.enumerated() {
            var random = plan.reset(position: prompt.stream)
            if Double.random(in: 0..<1, using: &random) < resets.share { randoms[place] = random }
        }
        let places = randoms.keys.sorted()
        guard !places.isEmpty else { return prompts }
        let encoded = try await encoded(places.map { (prompts[$0], indices[$0]) })
        var begun = prompts
        var prefixes: [(place: Int, tokens: [Int32])] = []
        for (place, tokens) in zip(places, encoded) {
            let completion = tokens.completionTokens.elements
            guard var random = randoms[place], completion.count > 1 else { continue }
            let count = Int.random(in: 1..<completion.count, using: &random)
            let prefix = Array(completion.prefix(count))
            begun[place].prompt = .tokens(tokens.promptTokens.elements + prefix)
            prefixes.append((place, prefix))
        }
        let texts = try await decoded(prefixes.map(\.tokens))
        for (prefix, text) in zip(prefixes, texts) {
            begun[prefix.place].origin = (prompts[prefix.place].prompt, text)
        }
        return begun
    }

    private func encoded(
        _ prompts: [(prompt: SampledPrompt, index: Int)]
    ) async throws(HoneError) -> [WorkerReply.Encoded] {
        let items = prompts.map {
            WorkerRequest.EncodeItem(
                prompt: $0.prompt.prompt,
                completion: inputs.promptCompletions[$0.index]
            )
        }
        let reply = try await ask(.encode(.init(items: items)))
        guard case .encoded(let list) = reply, list.count == items.count else {
            throw unexpected(reply)
        }
        return list
    }

    private func decoded(_ sequences: [[Int32]]) async throws(HoneError) -> [String] {
        guard !sequences.isEmpty else { return [] }
        let reply = try await ask(.decode(.init(sequences: sequences.map { Packed($0) })))
        guard case .decoded(let texts) = reply, texts.count == sequences.count else {
            throw unexpected(reply)
        }
        return texts
    }

    /// The rollouts as answers to the prompts as they were before they were begun: a reward sees the
    /// whole completion.
    func restored(
        _ rollouts: [NewRollout],
        _ prompts: [SampledPrompt],
        from first: Int
    ) -> [NewRollout] {
        rollouts.map { rollout in
            guard let origin = prompts[rollout.promptIndex - first].origin else { return rollout }
            var whole = rollout
            whole.prompt = origin.prompt
            whole.rollout.text = origin.prefix + rollout.rollout.text
            return whole
        }
    }
}
