import Domain
import Rewards

/// Computes the rewards of one source.
///
/// What fails for some completions leaves those unscored, with the reason; what fails for all, because
/// a worker is lost for good, is thrown.
protocol RewardProvider: Sendable {
    /// A score of each member of each group.
    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]]
}

/// Sets the completions of a group against each other.
protocol ComparisonProvider: RewardProvider {
    /// Who beats whom, at least for each of a group's `pairs`.
    func compare(_ groups: [RewardGroup]) async throws(HoneError) -> [Comparisons]
}

extension ComparisonProvider {
    func score(_ groups: [RewardGroup]) async throws(HoneError) -> [[RewardScore]] {
        let compared = try await compare(groups)
        return zip(groups, compared).map { $1.scores($0) }
    }
}

extension RewardSource {
    /// What computes it.
    func provider(_ host: any RewardHost) -> any RewardProvider {
        switch self {
        case .model(let name): ModelProvider(name: name, host: host)
        case .ensemble(let name, let rule): ModelProvider(name: name, rule: rule, host: host)
        case .preferenceModel(let name): PreferenceModelProvider(name: name, host: host)
        case .implicit(let ratio): ImplicitProvider(ratio: ratio, host: host)
        case .judge(let judge) where judge.mode == .pairwise:
            PairwiseJudge(judge: judge, host: host)
        case .judge(let judge): PointwiseJudge(judge: judge, host: host)
        case .scoreModel(let grader): ScoreModelProvider(grader: grader, host: host)
        case .labelModel(let grader): LabelModelProvider(grader: grader, host: host)
        case .python(let grader): PythonProvider(grader: grader, runner: host.services.python)
        case .remote(let service): RemoteProvider(service: service, services: host.services)
        }
    }
}

extension [RewardGroup] {
    /// Splits a list over all members into the groups again.
    func split<Part>(_ flat: [Part]) -> [[Part]] {
        var start = 0
        return map { group in
            defer { start += group.members.count }
            return Array<Part>(flat[start..<start + group.members.count])
        }
    }
}
