import Domain
import Foundation

/// Completions as if drawn from the optimal policy, then ranked.
struct RejectionSampled: PairingRule {
    static let name = "rejection_sampled"
    static let summary = "Pairs of completions that statistical rejection sampling accepts."
    static let source = "Liu et al. 2023 (RSO), arXiv 2309.06657, algorithm 1 and section 3.2"
    static let parameters = [
        ParameterDescription(
            "beta",
            .number(.positive),
            default: 0.5,
            "The KL coefficient of the policy that is imitated: the smaller, the better the accepted."
        ),
        ParameterDescription(
            "accepted",
            .integer(2...1024),
            default: .null,
            "How many completions are accepted; half of the scored ones unless said."
        ),
        ParameterDescription(
            "ranking",
            .choice(["first_round", "tournament"]),
            default: "first_round",
            "Whether each accepted completion is in one pair, or winners go on to be paired."
        ),
    ]

    private let beta: Double
    private let accepted: Int?
    private let isTournament: Bool

    init(_ parameters: ParameterValues) {
        beta = parameters.number("beta")
        accepted = parameters.optionalNumber("accepted").map { Int($0) }
        isTournament = parameters.string("ranking") == "tournament"
    }

    func candidates(_ group: inout PairingView) -> [PairCandidate] {
        let sample = accept(&group)
        var round = sample.shuffled(using: &group.random)
        var pairs: [PairCandidate] = []
        while round.count > 1 {
            let fresh = stride(from: 0, to: round.count - 1, by: 2).map {
                PairCandidate(round[$0], round[$0 + 1])
            }
            pairs += fresh
            guard isTournament else { break }
            let bye = round.count % 2 == 0 ? [] : round.suffix(1)
            round = fresh.map { winner($0, group) } + bye
        }
        return pairs
    }

    private func winner(_ pair: PairCandidate, _ group: PairingView) -> Int {
        group.score(pair.second) > group.score(pair.first) ? pair.second : pair.first
    }

    /// Goes over the group again and again; each is accepted with probability exp((s - max) / beta),
    /// the maximum being that of what is left.
    private func accept(_ group: inout PairingView) -> [Int] {
        var left = group.scored
        let count = sampleSize(left.count)
        var found: [Int] = []
        while found.count < count {
            let best = left.map { group.score($0) }.max() ?? 0
            var rest: [Int] = []
            for place in left {
                let score = group.score(place)
                let isTaken = group.uniform() < exp((score - best) / beta) || score == best
                if isTaken && found.count < count {
                    found.append(place)
                } else {
                    rest.append(place)
                }
            }
            left = rest
        }
        return found
    }

    private func sampleSize(_ count: Int) -> Int { min(count, accepted ?? max(2, (count + 1) / 2)) }

    func mostPairs(of count: Int, opponents: Int) -> Int {
        let size = sampleSize(count)
        return isTournament ? size - 1 : size / 2
    }
}
