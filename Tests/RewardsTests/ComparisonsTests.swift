import Rewards
import Testing

@Suite struct ComparisonsTests {
    private func group(_ count: Int, opponents: [[Int]]? = nil) -> RewardGroup {
        RewardGroup(
            (0..<count).map { RewardInput(prompt: "p", completion: "\($0)") },
            opponents: opponents
        )
    }

    @Test func `a score is the mean probability of beating the others`() {
        var comparisons = Comparisons(count: 3)
        comparisons.set(0, beats: 1, with: 0.9)
        comparisons.set(0, beats: 2, with: 0.5)
        comparisons.set(2, beats: 1, with: 0.2)
        let scores = comparisons.scores(group(3)).map { $0.value ?? .nan }
        #expect(zip(scores, [0.7, 0.45, 0.35]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(scores.reduce(0, +) / 3 - 0.5) < 1e-12)
        #expect(comparisons.probability(1, beats: 0).map { abs($0 - 0.1) < 1e-12 } == true)
    }

    @Test func `only the opponents named count`() {
        var comparisons = Comparisons(count: 3)
        comparisons.set(0, beats: 2, with: 0.8)
        comparisons.set(1, beats: 2, with: 0.3)
        let named = group(3, opponents: [[2], [2, 1], [0, 1, 9]])
        #expect(named.opponents == [[2], [2], [0, 1]])
        #expect(named.pairs.map { [$0.0, $0.1] } == [[0, 2], [1, 2]])
        #expect(comparisons.scores(named).map(\.value) == [0.8, 0.3, (0.2 + 0.7) / 2])
    }

    @Test func `a missing comparison leaves both sides unscored, with its reason`() {
        var comparisons = Comparisons(count: 3)
        comparisons.set(0, beats: 1, with: 0.5)
        comparisons.set(1, beats: 2, with: .nan)
        comparisons.fail(2, 0, RewardScore(unscored: "too long", mayComeLater: true))
        let scores = comparisons.scores(group(3))
        #expect(scores.map(\.value) == [nil, nil, nil])
        #expect(scores[0].reason == "too long")
        #expect(scores[0].mayComeLater)
        #expect(scores[1].reason == "the probability of a comparison is nan")
    }

    @Test func `a lone completion is unscored, not even`() {
        #expect(Comparisons(count: 1).scores(group(1))[0].value == nil)
    }
}
