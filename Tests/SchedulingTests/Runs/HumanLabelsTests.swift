import Domain
import Foundation
import Statistics
import Store
import Testing

@testable import Scheduling

struct HumanLabelsTests {
    private func record(
        _ kind: Verdict.Kind,
        _ value: Value,
        _ ids: [Int],
        _ strength: Double? = nil
    )
        -> FeedbackRecord
    {
        FeedbackRecord(
            id: 1,
            content: NewFeedback(
                Verdict(kind: kind, value: value, strength: strength),
                subjects: ids.map { FeedbackSubject(rollout: $0, text: "") }
            ),
            createdAt: Date(timeIntervalSince1970: 0)
        )
    }

    @Test func `win rates are means over comparisons, by how sure they are`() {
        let labels = HumanLabels([
            record(.pairwise, "first", [1, 2]), record(.pairwise, "second", [1, 3], 0.5),
            record(.pairwise, "tie", [2, 3]), record(.pairwise, "both_bad", [4, 5]),
        ])
        #expect(labels.scores == [1: 0.625, 2: 0.25, 3: 0.625, 4: 0, 5: 0])
        #expect(
            labels.pairs == [
                .init(chosen: 1, rejected: 2, margin: 1, probability: 0.8),
                .init(chosen: 3, rejected: 1, margin: 0.5, probability: 0.65),
            ]
        )
    }

    @Test func `a pair that people are divided on is none`() {
        let votes = [1, 1, 0].map { record(.pairwise, $0 == 1 ? "first" : "second", [1, 2]) }
        let pairs = HumanLabels(votes).pairs
        #expect(pairs == [.init(chosen: 1, rejected: 2, margin: 1.0 / 3, probability: 0.8)])
        #expect(HumanLabels([votes[0], votes[2]]).pairs.isEmpty)
    }

    @Test func `ranks are all their comparisons; ratings and thumbs are means`() {
        let ranked = HumanLabels([record(.ranking, [2, 1, 2], [7, 8, 9])])
        #expect(ranked.scores == [7: 0.25, 8: 1, 9: 0.25])
        #expect(ranked.pairs.map { [$0.chosen, $0.rejected] } == [[8, 7], [8, 9]])
        let rated = HumanLabels([
            record(.rating, 4, [1]), record(.rating, 5, [1]), record(.binary, true, [2]),
            record(.binary, false, [2]), record(.critique, "hm", [3]),
        ])
        #expect(rated.scores == [1: 4.5, 2: 0.5] && rated.pairs.isEmpty)
    }

    @Test func `agreement is with others on the same two, ties left out`() {
        func judged(_ name: String, _ low: Int, _ prefersLow: Bool?) -> StoredComparison {
            StoredComparison(annotator: name, low: low, high: low + 1, prefersLow: prefersLow)
        }
        let list = AnnotatorAgreement.list([
            judged("ada", 1, true), judged("bob", 1, true), judged("eve", 1, false),
            judged("ada", 5, nil), judged("bob", 5, true),
        ])
        #expect(list.map(\.annotator) == ["ada", "bob", "eve"])
        #expect(list.map(\.verdicts) == [2, 2, 1] && list.map(\.shared) == [2, 2, 2])
        #expect(list.map(\.agreed) == [1, 1, 0])
        #expect(list[0].reliability == list[1].reliability && list[0].reliability > 0.8)
        #expect(list[2].reliability < 0.8 && list.allSatisfy { $0.gold == 0 })
    }

    @Test func `what is known tells who is right, and their word counts more`() {
        func judged(
            _ name: String,
            _ low: Int,
            _ prefersLow: Bool,
            _ truth: Bool?
        )
            -> StoredComparison
        {
            StoredComparison(
                annotator: name,
                low: low,
                high: low + 1,
                prefersLow: prefersLow,
                lowIsBetter: truth
            )
        }
        let gold = (0..<40).flatMap { item in
            [
                judged("ada", 2 * item, true, true),
                judged("eve", 2 * item, item.isMultiple(of: 2), true),
            ]
        }
        let list = AnnotatorAgreement.list(gold)
        #expect(list.map(\.gold) == [40, 40] && list.map(\.goldRight) == [40, 20])
        let annotators = AnnotatorModel(gold)
        #expect(annotators.rate(of: "ada") > 0.95 && abs(annotators.rate(of: "eve") - 0.56) < 0.001)
        // One against one: the better judge decides, and the probability says how much.
        var votes = [record(.pairwise, "first", [1, 2]), record(.pairwise, "second", [1, 2])]
        votes[0].content.annotator = "eve"
        votes[1].content.annotator = "ada"
        let labels = HumanLabels(votes, annotators: annotators)
        #expect(labels.pairs.map(\.chosen) == [2] && labels.pairs[0].probability > 0.9)
        #expect((labels.scores[2] ?? 0) > 0.8 && (labels.scores[1] ?? 1) < 0.2)
        // Nothing is learned of what is known but who knows it.
        var known = record(.pairwise, "first", [8, 9])
        known.truth = .first
        #expect(HumanLabels([known]).pairs.isEmpty && HumanLabels([known]).scores.isEmpty)
    }
}
