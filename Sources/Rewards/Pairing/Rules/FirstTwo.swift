import Domain

/// Two completions, however many were drawn.
struct FirstTwo: PairingRule {
    static let name = "first_two"
    static let summary = "The first two scored completions of the group."
    static let source =
        "Guo et al. 2024 (OAIF), arXiv 2402.04792; OAT's passive exploration"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        guard group.scored.count > 1 else { return [] }
        return [PairCandidate(group.scored[0], group.scored[1])]
    }
}
