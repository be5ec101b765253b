import Domain
import Rewards
import WorkerProtocol

/// The comparisons of a preference model.
struct PreferenceModelProvider: ComparisonProvider {
    let name: String
    let host: any RewardHost

    func compare(_ groups: [RewardGroup]) async throws(HoneError) -> [Comparisons] {
        let answers = try await Isolation.answers(groups) { (part) async throws(HoneError) in
            try await matrices(part)
        }
        return zip(groups, answers).map { group, answer in
            var comparisons = Comparisons(count: group.members.count)
            for (one, other) in group.pairs {
                switch answer {
                case .success(let rows):
                    comparisons.set(one, beats: other, with: Double(rows[one].elements[other]))
                case .failure(let error):
                    comparisons.fail(one, other, RewardScore(unscored: error.message))
                }
            }
            return comparisons
        }
    }

    /// For each group the matrix of P(row beats column), by rows.
    private func matrices(
        _ groups: [RewardGroup]
    ) async throws(HoneError) -> [[Packed<Float>]] {
        let items = groups.map { group in
            group.members.map {
                WorkerRequest.ScoreItem(prompt: $0.prompt, completion: $0.completion)
            }
        }
        let reply = try await host.ask(.reward(name), .compare(.init(groups: items)))
        guard case .compared(let found) = reply, found.count == groups.count,
            zip(groups, found).allSatisfy({ group, rows in
                rows.count == group.members.count
                    && rows.allSatisfy { $0.elements.count == rows.count }
            })
        else { throw host.unexpected }
        return found
    }
}
