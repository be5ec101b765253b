import Domain

/// The ranking as a chain.
struct AdjacentPairs: PairingRule {
    static let name = "adjacent"
    static let summary = "Each completion against the next one in the ranking."
    static let source =
        "no paper: the fewest pairs that say the whole ranking"

    init(_ parameters: ParameterValues) {}

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        zip(group.ranked, group.ranked.dropFirst()).map { PairCandidate($0, $1) }
    }

    func mostPairs(of count: Int, opponents: Int) -> Int { count - 1 }
}
