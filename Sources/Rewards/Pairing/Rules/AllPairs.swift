import Domain

/// Everything that the ranking says.
struct AllPairs: PairingRule {
    static let name = "all"
    static let summary = "Every two completions of the group."
    static let source =
        "Ouyang et al. 2022 (InstructGPT), arXiv 2203.02155, section 3.5, for reward models"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        let ranked = group.ranked
        return ranked.indices.flatMap { place in
            ranked[(place + 1)...].map { PairCandidate(ranked[place], $0) }
        }
    }

    func mostPairs(of count: Int, opponents: Int) -> Int { count * (count - 1) / 2 }
}
