import Domain
import Rewards
import WorkerProtocol

/// The scores of a reward model; those of an ensemble by a rule over its members.
struct ModelProvider: RewardProvider {
    let name: String
    var rule = EnsembleRule.mean
    let host: any RewardHost

    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let items = groups.flatMap(\.members).map {
            WorkerRequest.ScoreItem(prompt: $0.prompt, completion: $0.completion)
        }
        let answers = try await Isolation.answers(items, isOfItems: Self.isOfItems) {
            (part) async throws(HoneError) in
            try await scored(part)
        }
        return groups.split(
            answers.map { answer in
                switch answer {
                case .success(let text): score(text)
                case .failure(let error): RewardScore(unscored: error.message)
                }
            }
        )
    }

    /// Whether the model refuses one text, as one that is longer than its context, and not the request.
    private static func isOfItems(_ error: HoneError) -> Bool {
        [.promptTooLong, .invalidRequest].contains(error.code)
            && error.param?.hasPrefix("items[") == true
    }

    private func scored(
        _ items: [WorkerRequest.ScoreItem]
    ) async throws(HoneError) -> [WorkerReply.ScoredText] {
        let reply = try await host.ask(.reward(name), .score(.init(items: items)))
        guard case .scored(let scores) = reply, scores.count == items.count else {
            throw host.unexpected
        }
        return scores
    }

    private func score(_ text: WorkerReply.ScoredText) -> RewardScore {
        let members = text.isEnsemble ? text.outputs : []
        var score = rule.score(text.score, members: members)
        if score.value != nil { score.members = members }
        return score
    }
}
