import Domain

/// Completions whose reward is trusted: those at the ends of their group.
struct RankFilter: SampleFilter {
    static let name = "rank"
    static let aliases = ["pf_ppo"]
    static let summary = "Keeps one or two completions of a group by the rank of their rewards."
    static let source = "Zhang et al. 2024 (PF-PPO), arXiv 2409.06957, section 4"
    static let parameters = [
        ParameterDescription(
            "keep",
            .choice(["best", "best_and_random", "best_and_worst"]),
            default: "best_and_worst",
            "What stays: the best alone, with one other drawn from the seed, or with the worst."
        )
    ]

    static let choosesTheBest = true

    private let kind: String

    init(_ parameters: ParameterValues) { kind = parameters.string("keep") }

    /// By transformed rewards; of equal ones the first is the better.
    func keeps(_ group: FilterView) -> [Bool] {
        var random = group.random
        var ranked = group.kept.sorted {
            let (left, right) = (group.rewards[$0] ?? 0, group.rewards[$1] ?? 0)
            return left == right ? $0 < $1 : left > right
        }
        guard !ranked.isEmpty else { return group.isKept }
        var chosen: Set<Int> = [ranked.removeFirst()]
        switch kind {
        case "best_and_worst": if let worst = ranked.last { chosen.insert(worst) }
        case "best_and_random":
            if let other = ranked.randomElement(using: &random) { chosen.insert(other) }
        default: break
        }
        return group.isKept.indices.map { chosen.contains($0) }
    }
}
