import Domain
import Store

/// What verdicts say of stored completions: pairs, and scores within their groups.
///
/// A pure function of the verdicts that an iteration learns from.
struct HumanLabels: Sendable {
    /// A better and a worse completion, and how sure that is.
    struct Pair: Sendable, Hashable {
        var chosen: Int
        var rejected: Int
        var margin: Double?
    }

    /// Each pair once, in the order of the verdicts; those that are contradicted as often as they are
    /// confirmed are left out.
    private(set) var pairs: [Pair] = []
    /// By rollout id: the mean win rate where it was compared, else the mean of its ratings, else the
    /// share of those who found it good.
    private(set) var scores: [Int: Double] = [:]

    init(_ records: [FeedbackRecord]) {
        var tally = Tally()
        for record in records { tally.add(record) }
        pairs = tally.pairs
        scores = tally.scores
    }
}

extension HumanLabels {
    private struct Tally {
        private var order: [[Int]] = []
        private var votes: [[Int]: (low: Double, high: Double)] = [:]
        private var wins: [Int: (sum: Double, count: Double)] = [:]
        private var ratings: [Int: (sum: Double, count: Double)] = [:]
        private var thumbs: [Int: (sum: Double, count: Double)] = [:]

        mutating func add(_ record: FeedbackRecord) {
            let ids = record.content.subjects.compactMap(\.rollout)
            let verdict = record.content.verdict
            guard ids.count == record.content.subjects.count, let first = ids.first else { return }
            let strength = verdict.strength ?? 1
            switch verdict.kind {
            case .pairwise:
                guard ids.count == 2 else { return }
                switch verdict.choice {
                case .first: prefer(ids[0], ids[1], strength)
                case .second: prefer(ids[1], ids[0], strength)
                case .tie: level(ids[0], ids[1])
                case .bothBad: for id in ids { wins[id, default: (0, 0)].count += 1 }
                case nil: break
                }
            case .ranking:
                let ranks = (verdict.value.arrayValue ?? []).compactMap(\.integerValue)
                guard ranks.count == ids.count else { return }
                for one in ids.indices {
                    for other in ids.indices where one < other {
                        if ranks[one] < ranks[other] {
                            prefer(ids[one], ids[other], strength)
                        } else if ranks[one] > ranks[other] {
                            prefer(ids[other], ids[one], strength)
                        } else {
                            level(ids[one], ids[other])
                        }
                    }
                }
            case .rating:
                guard let value = verdict.value.doubleValue else { return }
                Self.add(value, to: &ratings[first])
            case .binary:
                Self.add(verdict.value.boolValue == true ? 1 : 0, to: &thumbs[first])
            case .critique, .span, .demonstration, .message: break
            }
        }

        private static func add(_ value: Double, to entry: inout (sum: Double, count: Double)?) {
            let old = entry ?? (0, 0)
            entry = (old.sum + value, old.count + 1)
        }

        private mutating func prefer(_ better: Int, _ worse: Int, _ strength: Double) {
            let key = [min(better, worse), max(better, worse)]
            if votes[key] == nil { order.append(key) }
            var vote = votes[key] ?? (0, 0)
            if better < worse { vote.low += strength } else { vote.high += strength }
            votes[key] = vote
            Self.add(0.5 + strength / 2, to: &wins[better])
            Self.add(0.5 - strength / 2, to: &wins[worse])
        }

        private mutating func level(_ one: Int, _ other: Int) {
            Self.add(0.5, to: &wins[one])
            Self.add(0.5, to: &wins[other])
        }

        var pairs: [Pair] {
            order.compactMap { key in
                guard let vote = votes[key], vote.low != vote.high else { return nil }
                let isLow = vote.low > vote.high
                // The mean strength for the better one: 1 where all were sure and of one mind.
                return Pair(
                    chosen: isLow ? key[0] : key[1],
                    rejected: isLow ? key[1] : key[0],
                    margin: abs(vote.low - vote.high) / max(vote.low + vote.high, 1)
                )
            }
        }

        var scores: [Int: Double] {
            var scores = thumbs.mapValues { $0.sum / $0.count }
            scores.merge(ratings.mapValues { $0.sum / $0.count }) { $1 }
            scores.merge(wins.mapValues { $0.sum / $0.count }) { $1 }
            return scores
        }
    }
}
