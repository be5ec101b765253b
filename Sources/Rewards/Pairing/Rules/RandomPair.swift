import Domain

/// Any two.
struct RandomPair: PairingRule {
    static let name = "random"
    static let summary = "Two completions of the group, drawn at random."
    static let source =
        "Dong et al. 2024 (RLHF Workflow), arXiv 2405.07863, its code's random"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        guard let first = group.ranked.randomElement(using: &group.random),
            let second = group.partners(of: first).randomElement(using: &group.random)
        else { return [] }
        return [PairCandidate(first, second)]
    }
}
