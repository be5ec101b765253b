import Domain
import Rewards

/// A language model that writes grades.
struct ScoreModelProvider: RewardProvider {
    let grader: ScoreModelGrader
    let host: any RewardHost

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let filled = FilledQuestions(groups, grader.conversation)
        let answers = try await LanguageJudge(model: grader.model, host: host)
            .answers(filled.questions, sampling: grader.sampling, seed: grader.seed)
        return groups.split(filled.scores(answers.map { $0.map { grader.grade($0) } }))
    }
}

/// A language model that chooses of labels.
struct LabelModelProvider: RewardProvider {
    let grader: LabelModelGrader
    let host: any RewardHost

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let filled = FilledQuestions(groups, grader.conversation)
        let answers = try await LanguageJudge(model: grader.model, host: host)
            .logprobs(filled.questions, answers: grader.labels)
        return groups.split(filled.scores(answers.map { $0.map { grader.grade($0) } }))
    }
}

/// The conversations about all members of some groups, as far as they can be filled.
private struct FilledQuestions {
    private let filled: [Result<[ChatMessage], Unscored>]

    init(_ groups: [RewardGroup], _ conversation: GraderConversation) {
        filled = groups.flatMap(\.members).map { conversation.filled($0) }
    }

    /// Those that can be asked.
    var questions: [[ChatMessage]] { filled.compactMap { try? $0.get() } }

    /// A score for each member: of its answer, or unscored with what is missing.
    func scores(_ answers: [Result<RewardScore, HoneError>]) -> [RewardScore] {
        var answers = answers.makeIterator()
        return filled.map { question in
            if case .failure(let missing) = question { return missing.score }
            switch answers.next() {
            case .success(let score): return score
            case .failure(let error): return RewardScore(unscored: error.message)
            case nil: return RewardScore(unscored: "no answer was given")
            }
        }
    }
}
