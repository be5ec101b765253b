import Domain
import Foundation
import Rewards
import Statistics
import Store

/// Which comparisons of an iteration people are asked for: a pure function of its completions, their
/// scores, what was asked before and the seed.
///
/// Sources: Muldrew and others 2024, arXiv 2402.08114 (the policy's entropy and the certainty of the
/// preference); Houlsby and others 2011, arXiv 1112.5745 (disagreement).
struct AnnotationChoice: Sendable {
    let spec: FeedbackSpec
    /// Whether a difference of scores of 1 is all there is: scores are win rates.
    let isPreference: Bool
    /// The token pairs of what was asked before, one set a comparison.
    var asked: [Set<UInt64>] = []

    /// So many comparisons are remembered, the newest.
    static let memory = 512

    /// Two completions of one prompt and what their comparison tells.
    private struct Candidate {
        var group: Int
        var item: NewAnnotationItem
        /// How unsure the policy was of what it wrote: nat a token.
        var surprise: Double
        /// Its token pairs.
        var grams: Set<UInt64>
        /// The largest share of them in common with something asked before.
        var likeness = 0.0
    }

    /// The comparisons, those that tell most first; never more than the budget.
    func items(_ rollouts: [RolloutRecord], random: PhiloxSequence) -> [NewAnnotationItem] {
        var random = random
        let groups = rollouts.inGroups
        let places = groups.map { $0[0].promptIndex }
        var candidates = groups.flatMap { self.candidates($0, $0[0].promptIndex, &random) }
        weigh(&candidates)
        let byGroup = Dictionary(grouping: candidates, by: \.group)
        let ranked = places.map { (byGroup[$0] ?? []).stablySorted { $0.item.information } }
        let budget = spec.labelBudget ?? places.count
        // One of each prompt before a second of any.
        let deepest = ranked.map(\.count).max() ?? 0
        var chosen: [Candidate] = []
        var seen = spec.information.novelty > 0 ? asked.suffix(Self.memory) : asked.prefix(0)
        for depth in 0..<deepest where chosen.count < budget {
            let layer = ranked.compactMap { depth < $0.count ? $0[depth] : nil }
            chosen += selected(layer, budget - chosen.count, &seen, &random)
        }
        return chosen.map(\.item)
    }

    private func selected(
        _ layer: [Candidate],
        _ count: Int,
        _ seen: inout ArraySlice<Set<UInt64>>,
        _ random: inout PhiloxSequence
    ) -> [Candidate] {
        guard spec.selection == .information else {
            return Array(layer.shuffled(using: &random).prefix(count))
        }
        var rest = layer
        for place in rest.indices { rest[place].likeness = Self.likeness(rest[place], seen) }
        let wanted = min(count, rest.count)
        let drawn = wanted < rest.count ? Int((Double(wanted) * spec.randomShare).rounded()) : 0
        var first: [Candidate] = []
        while first.count < wanted - drawn, let best = best(of: rest) {
            let found = rest.remove(at: best)
            seen.append(found.grams)
            first.append(told(found))
            guard spec.information.novelty > 0 else { continue }
            for place in rest.indices {
                let likeness = Self.likeness(rest[place], [found.grams])
                rest[place].likeness = max(rest[place].likeness, likeness)
            }
        }
        let others = rest.shuffled(using: &random).prefix(drawn)
        for other in others { seen.append(other.grams) }
        return first + others.map(told)
    }

    /// The place of the one that tells most; of equals the first.
    private func best(of candidates: [Candidate]) -> Int? {
        candidates.indices.max { one, other in
            (told(candidates[one]).item.information, other)
                < (told(candidates[other]).item.information, one)
        }
    }

    /// With what its novelty adds.
    private func told(_ candidate: Candidate) -> Candidate {
        var candidate = candidate
        candidate.item.information += spec.information.novelty * (1 - candidate.likeness)
        return candidate
    }

    private static func likeness(
        _ candidate: Candidate,
        _ seen: ArraySlice<Set<UInt64>>
    ) -> Double {
        seen.reduce(0) { largest, other in
            let common = candidate.grams.intersection(other).count
            let all = candidate.grams.count + other.count - common
            return max(largest, all == 0 ? 1 : Double(common) / Double(all))
        }
    }

    /// A group's comparisons, each of two different texts, in an order that is drawn.
    private func candidates(
        _ group: [RolloutRecord],
        _ place: Int,
        _ random: inout PhiloxSequence
    ) -> [Candidate] {
        var found: [Candidate] = []
        for (index, one) in group.enumerated() {
            for other in group[(index + 1)...] where one.rollout.text != other.rollout.text {
                let item = NewAnnotationItem(
                    first: one.id,
                    second: other.id,
                    information: information(one, other)
                )
                found.append(
                    Candidate(
                        group: place,
                        item: item,
                        surprise: (Self.surprise(one) + Self.surprise(other)) / 2,
                        grams: Self.bigrams([
                            one.rollout.completionTokens, other.rollout.completionTokens,
                        ])
                    )
                )
            }
        }
        found.shuffle(using: &random)
        return found
    }

    /// Makes the parts of the information comparable and adds them, but for novelty, which depends on
    /// what is asked before.
    private func weigh(_ candidates: inout [Candidate]) {
        guard spec.selection == .information else {
            for place in candidates.indices { candidates[place].item.information = 0 }
            return
        }
        let order = candidates.map(\.surprise).sorted()
        let last = Double(max(1, order.count - 1))
        for place in candidates.indices {
            let below = order.partitioningIndex { $0 >= candidates[place].surprise }
            candidates[place].item.information =
                spec.information.reward * candidates[place].item.information
                + spec.information.policy * Double(below) / last
        }
    }

    /// The mean of −log p of the tokens.
    private static func surprise(_ rollout: RolloutRecord) -> Double {
        let values = rollout.rollout.logprobs
        return values.isEmpty ? 0 : -values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }

    /// The pairs of neighbouring tokens.
    static func bigrams(_ texts: [[Int32]]) -> Set<UInt64> {
        var grams: Set<UInt64> = []
        for text in texts {
            for (one, next) in zip(text, text.dropFirst()) {
                grams.insert(
                    UInt64(UInt32(bitPattern: one)) << 32 | UInt64(UInt32(bitPattern: next))
                )
            }
        }
        return grams
    }

    /// How unsure the reward is which one a person prefers: the entropy of that in bit; 1 where nothing
    /// is known.
    ///
    /// What an ensemble's members disagree on is less sure: Bradley-Terry with the scores' variance, by
    /// MacKay's approximation of the mean logistic.
    private func information(_ one: RolloutRecord, _ other: RolloutRecord) -> Double {
        guard let first = score(one), let second = score(other) else { return 1 }
        let difference = first.value - second.value
        if isPreference { return Self.entropy(min(max(0.5 + difference / 2, 0), 1)) }
        let variance = first.variance + second.variance
        return Self.entropy(sigmoid(difference / (1 + .pi / 8 * variance).squareRoot()))
    }

    private func score(_ rollout: RolloutRecord) -> (value: Double, variance: Double)? {
        guard let found = rollout.scores.first(where: { $0.reward == ScoreRecord.trained }),
            let value = found.score, value.isFinite
        else { return nil }
        let deviation = found.uncertainty ?? 0
        return (value, deviation * deviation)
    }

    private static func entropy(_ probability: Double) -> Double {
        [probability, 1 - probability].reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 }
    }
}

extension Array {
    /// The largest first; equals stay in their order.
    fileprivate func stablySorted(by value: (Element) -> Double) -> [Element] {
        enumerated().sorted {
            (value($0.element), -$0.offset) > (value($1.element), -$1.offset)
        }.map(\.element)
    }
}

extension Array where Element == Double {
    /// The first place from which on all elements fulfil a condition that sorted ones begin to fulfil.
    fileprivate func partitioningIndex(_ isBeyond: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
