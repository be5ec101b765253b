import Domain
import Rewards

/// A judge that sees one completion at a time.
struct PointwiseJudge: RewardProvider {
    let judge: Judge
    let host: any RewardHost

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let answers = try await judge.verdicts(
            groups.flatMap(\.members).map {
                judge.question(prompt: $0.prompt, completion: $0.completion)
            },
            host
        )
        return groups.split(
            answers.map { answer in
                switch answer {
                case .success(let logprobs): judge.score(logprobs[0], logprobs[1])
                case .failure(let error): RewardScore(unscored: error.message)
                }
            }
        )
    }
}

/// A judge that sees two completions, once in each order: what it thinks of a place cancels out.
struct PairwiseJudge: ComparisonProvider {
    let judge: Judge
    let host: any RewardHost

    func compare(_ groups: [RewardGroup]) async throws(HoneError) -> [Comparisons] {
        let questions = groups.flatMap { group in
            group.pairs.flatMap { pair in
                let (one, other) = (group.members[pair.0], group.members[pair.1])
                return [
                    judge.question(prompt: one.prompt, one.completion, other.completion),
                    judge.question(prompt: one.prompt, other.completion, one.completion),
                ]
            }
        }
        let answers = try await judge.verdicts(questions, host)
        var next = 0
        return groups.map { group in
            var comparisons = Comparisons(count: group.members.count)
            for (one, other) in group.pairs {
                switch (answers[next], answers[next + 1]) {
                case (.success(let forth), .success(let back)):
                    let first = judge.probability(forth[0], forth[1])
                    let second = judge.probability(back[1], back[0])
                    comparisons.set(one, beats: other, with: (first + second) / 2)
                case (.failure(let error), _), (_, .failure(let error)):
                    comparisons.fail(one, other, RewardScore(unscored: error.message))
                }
                next += 2
            }
            return comparisons
        }
    }
}

extension Judge {
    /// The two verdicts' log-probabilities under each question, nat.
    fileprivate func verdicts(
        _ questions: [String],
        _ host: any RewardHost
    ) async throws(HoneError) -> [Result<[Double], HoneError>] {
        try await LanguageJudge(model: model, host: host, isChat: isChat).logprobs(
            questions.map { [ChatMessage(role: "user", content: $0)] },
            answers: verdicts
        )
    }
}
