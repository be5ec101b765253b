import Domain

/// The best, and whatever else there is.
struct BestRandom: PairingRule {
    static let name = "best_random"
    static let summary =
        "The highest reward of the group against another completion, drawn at random."
    static let source =
        "Dong et al. 2024 (RLHF Workflow), arXiv 2405.07863, its code's max_random"

    init(_ parameters: ParameterValues) {}

    /// Their code takes the first other one, which is not random.
    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        guard let best = group.best,
            let other = group.partners(of: best).randomElement(using: &group.random)
        else { return [] }
        return [PairCandidate(best, other)]
    }
}
