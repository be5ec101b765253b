import Domain

/// The ends of the group.
struct BestWorst: PairingRule {
    static let name = "best_worst"
    static let summary = "The highest reward of the group against the lowest."
    static let source =
        "Dong et al. 2024 (RLHF Workflow), arXiv 2405.07863, section 3, and its code, max_min"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        guard let best = group.best, let worst = group.worst else { return [] }
        return [PairCandidate(best, worst)]
    }
}
