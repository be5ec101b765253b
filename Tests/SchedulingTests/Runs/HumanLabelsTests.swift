import Domain
import Foundation
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
                .init(chosen: 1, rejected: 2, margin: 1),
                .init(chosen: 3, rejected: 1, margin: 0.5),
            ]
        )
    }

    @Test func `a pair that people are divided on is none`() {
        let votes = [1, 1, 0].map { record(.pairwise, $0 == 1 ? "first" : "second", [1, 2]) }
        #expect(HumanLabels(votes).pairs == [.init(chosen: 1, rejected: 2, margin: 1.0 / 3)])
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
        #expect(list[2].reliability == 8.0 / 12)
    }
}
