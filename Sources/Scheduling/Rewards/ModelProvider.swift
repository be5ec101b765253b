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
        let reply = try await host.ask(.reward(name), .score(.init(items: items)))
        guard case .scored(let scores) = reply, scores.count == items.count else {
            throw host.unexpected
        }
        return groups.split(
            scores.map { text in
                let members = text.isEnsemble ? text.outputs : []
                var score = rule.score(text.score, members: members)
                if score.value != nil { score.members = members }
                return score
            }
        )
    }
}
