import Testing

@testable import Scheduling

struct GroupScoresTests {
    @Test func `a comparing reward is the win rate, the completion itself counting one half`() {
        let scores = GroupScores([0.7, 0.45, 0.35], isPreference: true)
        #expect(abs(scores.winRate(0) - (0.7 * 2 + 0.5) / 3) < 1e-12)
        let total = (0..<3).reduce(0) { $0 + scores.winRate($1) }
        #expect(abs(total - 1.5) < 1e-12)
    }

    @Test func `of a pair the probability is exact`() {
        let probability = GroupScores.preferenceProbability(margin: 0.8 - 0.2, isPreference: true)
        #expect(abs(probability - 0.8) < 1e-12)
        #expect(GroupScores.preferenceProbability(margin: 0, isPreference: false) == 0.5)
        #expect(GroupScores.preferenceProbability(margin: 2, isPreference: false) > 0.88)
    }
}
