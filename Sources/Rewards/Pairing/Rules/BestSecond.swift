import Domain

/// A small difference between two good completions.
struct BestSecond: PairingRule {
    static let name = "best_second"
    static let summary = "The highest reward of the group against the next lower one."
    static let source =
        "Dong et al. 2024 (RLHF Workflow), arXiv 2405.07863, its code's max_max"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        guard let best = group.best, let second = group.partners(of: best).first else { return [] }
        return [PairCandidate(best, second)]
    }
}
