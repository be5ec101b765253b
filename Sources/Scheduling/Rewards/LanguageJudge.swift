import Domain
import Rewards
import WorkerProtocol

/// Puts questions to a language model in a worker.
struct LanguageJudge {
    let model: RewardSource.ModelNeed
    let host: any RewardHost
    /// Whether questions are rendered by the chat template; `nil`: where the model has one.
    var isChat: Bool?

    /// Questions of one request: what a worker refuses one of them for is looked for among them.
    static let questionsAtOnce = 64

    /// The log-probability of each answer to each question, nat.
    func logprobs(
        _ questions: [[ChatMessage]],
        answers: [String]
    ) async throws(HoneError) -> [Result<[Double], HoneError>] {
        try await inParts(questions) { (part, isChat) async throws(HoneError) in
            try await logprobs(of: part.map { prompt($0, isChat) }, answers)
        }
    }

    /// What the model writes in answer to each question.
    func answers(
        _ questions: [[ChatMessage]],
        sampling: SamplingParameters,
        seed: UInt64
    ) async throws(HoneError) -> [Result<String, HoneError>] {
        try await inParts(questions) { (part, isChat) async throws(HoneError) in
            let order = WorkerRequest.Sample(
                prompts: part.map { prompt($0, isChat) },
                // One stream for all: what is drawn for a question does not depend on the others.
                promptStreams: part.map { _ in 0 },
                groupSize: 1,
                sampling: sampling,
                seed: seed,
                includesReference: false
            )
            guard case .sampled(let groups) = try await host.ask(model, .sample(order)),
                groups.count == part.count, groups.allSatisfy({ $0.completions.count == 1 })
            else { throw host.unexpected }
            return groups.map { $0.completions[0].text }
        }
    }

    private func inParts<Answer: Sendable>(
        _ questions: [[ChatMessage]],
        _ ask: ([[ChatMessage]], Bool) async throws(HoneError) -> [Answer]
    ) async throws(HoneError) -> [Result<Answer, HoneError>] {
        var answers: [Result<Answer, HoneError>] = []
        for start in stride(from: 0, to: questions.count, by: Self.questionsAtOnce) {
            let part = Array(questions[start..<min(questions.count, start + Self.questionsAtOnce)])
            answers += try await Isolation.answers(part) { (part) async throws(HoneError) in
                do throws(HoneError) { return try await ask(part, isChat ?? true) } catch
                    where isChat == nil && error.param == "messages"
                {
                    // The model has no chat template, and nobody asked for one.
                    return try await ask(part, false)
                }
            }
        }
        return answers
    }

    private func prompt(_ question: [ChatMessage], _ isChat: Bool) -> Prompt {
        isChat ? .messages(question) : .text(question.map(\.content).joined(separator: "\n\n"))
    }

    private func logprobs(
        of prompts: [Prompt],
        _ answers: [String]
    ) async throws(HoneError) -> [[Double]] {
        let items = prompts.flatMap { prompt in
            answers.map { WorkerRequest.EncodeItem(prompt: prompt, completion: $0) }
        }
        // What stands in a completion is text, never a special token.
        let encode = WorkerRequest.Encode(items: items, recognisesSpecialTokens: false)
        guard case .encoded(let encoded) = try await host.ask(model, .encode(encode)),
            encoded.count == items.count
        else { throw host.unexpected }
        let groups = prompts.indices.map { place in
            let first = place * answers.count
            return WorkerRequest.SequenceGroup(
                promptTokens: encoded[first].promptTokens,
                completions: encoded[first..<first + answers.count].map(\.completionTokens)
            )
        }
        let order = WorkerRequest.Logprobs(source: .policy, groups: groups)
        guard case .logprobs(let found) = try await host.ask(model, .logprobs(order)),
            found.count == prompts.count, found.allSatisfy({ $0.count == answers.count })
        else { throw host.unexpected }
        return found.map { $0.map { $0.elements.reduce(0) { $0 + Double($1) } } }
    }
}
