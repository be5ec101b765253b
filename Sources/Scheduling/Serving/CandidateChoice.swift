import Domain
import Foundation

/// Which of one prompt's scored candidates a strategy returns.
struct CandidateChoice: Sendable, Hashable {
    /// Their places among the candidates, in the order they are returned.
    var places: [Int]
    /// Share of the trials that were accepted; `nil` where nothing is tried.
    var acceptance: Double?

    /// The highest rewards first, of equal ones the earlier; unscored candidates are not chosen.
    static func best(_ count: Int, of rewards: [Double?]) -> CandidateChoice {
        let scored = rewards.indices.compactMap { place in
            rewards[place].flatMap { $0.isNaN ? nil : (place: place, reward: $0) }
        }
        let order = scored.sorted { ($1.reward, $0.place) < ($0.reward, $1.place) }
        return CandidateChoice(places: order.prefix(count).map(\.place), acceptance: nil)
    }

    /// Statistical rejection: the candidates are gone through again and again, each accepted with
    /// probability exp((reward − highest reward left) / beta), until there are enough or none is left.
    ///
    /// Source: Liu et al. 2023 (RSO), arXiv 2309.06657, algorithm 1.
    static func accepted(
        _ count: Int,
        of rewards: [Double?],
        beta: Double,
        random: inout PhiloxSequence
    ) -> CandidateChoice {
        var left = best(rewards.count, of: rewards).places.sorted()
        let candidates = left.count
        var chosen: [Int] = []
        var trials = 0
        while chosen.count < min(count, candidates) {
            let highest = left.compactMap { rewards[$0] }.max() ?? 0
            var rest: [Int] = []
            for place in left {
                guard chosen.count < count else { break }
                trials += 1
                let chance = exp(((rewards[place] ?? highest) - highest) / beta)
                if Double.random(in: 0..<1, using: &random) < chance {
                    chosen.append(place)
                } else {
                    rest.append(place)
                }
            }
            left = rest
        }
        return CandidateChoice(
            places: chosen,
            acceptance: trials > 0 ? Double(chosen.count) / Double(trials) : nil
        )
    }
}
