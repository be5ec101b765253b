import Domain
import Foundation
import Rewards
import Store

/// Which comparisons of an iteration people are asked for: a pure function of its completions, their
/// scores and the seed.
struct AnnotationChoice: Sendable {
    let spec: FeedbackSpec
    /// Whether a difference of scores of 1 is all there is: scores are win rates.
    let isPreference: Bool

    /// Two completions of one prompt and how unsure the reward is which is better.
    private struct Candidate {
        var group: Int
        var item: NewAnnotationItem
    }

    /// The comparisons, those that tell most first; never more than the budget.
    func items(_ rollouts: [RolloutRecord], random: PhiloxSequence) -> [NewAnnotationItem] {
        var random = random
        let groups = Dictionary(grouping: rollouts, by: \.promptIndex)
        let places = groups.keys.sorted()
        let ranked = places.map { place in
            let group = (groups[place] ?? []).sorted { $0.sampleIndex < $1.sampleIndex }
            return candidates(group, place, &random)
        }
        let budget = spec.labelBudget ?? places.count
        // One of each prompt before a second of any.
        let deepest = ranked.map(\.count).max() ?? 0
        var chosen: [Candidate] = []
        for depth in 0..<deepest where chosen.count < budget {
            let layer = ranked.compactMap { depth < $0.count ? $0[depth] : nil }
            chosen += selected(layer, budget - chosen.count, &random)
        }
        return chosen.map(\.item)
    }

    private func selected(
        _ layer: [Candidate],
        _ count: Int,
        _ random: inout PhiloxSequence
    ) -> [Candidate] {
        var rest = layer
        if spec.selection == .random {
            rest.shuffle(using: &random)
        } else {
            rest.sort { ($0.item.information, $1.group) > ($1.item.information, $0.group) }
        }
        guard count < rest.count else { return rest }
        let share = spec.selection == .random ? 0 : spec.randomShare
        let drawn = Int((Double(count) * share).rounded())
        let first = rest.prefix(count - drawn)
        let others = rest.dropFirst(count - drawn).shuffled(using: &random).prefix(drawn)
        return Array(first) + Array(others)
    }

    /// A group's comparisons, each of two different texts; the most informative first.
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
                found.append(Candidate(group: place, item: item))
            }
        }
        found.shuffle(using: &random)
        if spec.selection == .random { return found }
        // The shuffle decides among equals.
        return found.enumerated().sorted {
            ($0.element.item.information, -$0.offset) > ($1.element.item.information, -$1.offset)
        }.map(\.element)
    }

    /// How unsure the reward is which one a person prefers: the entropy of that in bit.
    ///
    /// It is 1 where nothing is known. What an ensemble's members disagree on is less sure: Bradley-Terry
    /// with the scores' variance, by MacKay's approximation of the mean logistic.
    private func information(_ one: RolloutRecord, _ other: RolloutRecord) -> Double {
        guard let first = score(one), let second = score(other) else { return 1 }
        let difference = first.value - second.value
        let probability: Double
        if isPreference {
            probability = min(max(0.5 + difference / 2, 0), 1)
        } else {
            let variance = first.variance + second.variance
            probability = 1 / (1 + exp(-difference / (1 + .pi / 8 * variance).squareRoot()))
        }
        return Self.entropy(probability)
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
