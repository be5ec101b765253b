import Domain

/// One completion of the policy, one of what it plays against.
struct PolicyOpponent: PairingRule {
    static let name = "policy_opponent"
    static let summary = "Each of the policy's completions against one of the opponent's."
    static let source =
        "Munos et al. 2023 (Nash-MD), arXiv 2312.00886; Xie et al. 2024 (XPO), arXiv 2405.21046"
    static let needsOpponent = true

    init(_ parameters: ParameterValues) {}

    /// In sampling order, as many as both have.
    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        zip(group.scored, group.opponents).map { PairCandidate($0, $1) }
    }

    func mostPairs(of count: Int, opponents: Int) -> Int { min(count, opponents) }
}
