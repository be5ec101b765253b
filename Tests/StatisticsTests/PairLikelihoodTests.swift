import Statistics
import Testing

@Suite struct PairLikelihoodTests {
    @Test func `ranking is by likelihood, per token by its mean, implicit by the ratio`() {
        let pair = PairLikelihood(
            chosen: .init(policy: -12, reference: -15, length: 6),
            rejected: .init(policy: -9, reference: -10, length: 3)
        )
        #expect(pair.ranking == 0)
        #expect(pair.rankingPerToken == 1)
        #expect(pair.implicitRanking == 1)
        #expect(pair.margin == 2)
        let same = PairLikelihood(chosen: pair.chosen, rejected: pair.chosen)
        #expect(same.ranking == 0.5 && same.implicitRanking == 0.5)
    }
}
