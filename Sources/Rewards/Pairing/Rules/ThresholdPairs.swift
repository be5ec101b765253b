import Domain

/// Only differences that are more than the noise of a reward.
struct ThresholdPairs: PairingRule {
    static let name = "threshold"
    static let summary = "Every two completions whose rewards differ by at least a margin."
    static let source =
        "Wang et al. 2024 (Secrets of RLHF II), arXiv 2401.06080, section 2: weak preferences harm"
    static let parameters = [
        ParameterDescription(
            "minimum_margin",
            .number(.nonNegative),
            default: nil,
            "The smallest difference of the rewards of a pair."
        )
    ]

    private let minimumMargin: Double

    init(_ parameters: ParameterValues) { minimumMargin = parameters.number("minimum_margin") }

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        let ranked = group.ranked
        return ranked.indices.flatMap { place in
            ranked[(place + 1)...]
                .filter { group.score(ranked[place]) - group.score($0) >= minimumMargin }
                .map { PairCandidate(ranked[place], $0) }
        }
    }

    func mostPairs(of count: Int, opponents: Int) -> Int { count * (count - 1) / 2 }
}
