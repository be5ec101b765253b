import Domain
import Foundation
import Testing

@testable import Scheduling

struct CandidateChoiceTests {
    @Test func `the best come first, of equal ones the earlier, unscored ones never`() {
        let rewards: [Double?] = [1, nil, 3, .nan, 3, 2]
        #expect(CandidateChoice.best(3, of: rewards).places == [2, 4, 5])
        #expect(CandidateChoice.best(9, of: rewards).places == [2, 4, 5, 0])
        #expect(CandidateChoice.best(2, of: [nil]).places.isEmpty)
    }

    @Test func `rejection takes the best surely, and others by their distance`() {
        var random = PhiloxSequence(seed: 1)
        var counts = [0, 0, 0]
        for _ in 0..<4000 {
            let choice = CandidateChoice.accepted(
                1,
                of: [0, -1, -2],
                beta: 1,
                random: &random
            )
            counts[choice.places[0]] += 1
        }
        // In the order of the candidates the first is always accepted.
        #expect(counts == [4000, 0, 0])
        counts = [0, 0, 0]
        for _ in 0..<4000 {
            let choice = CandidateChoice.accepted(
                1,
                of: [-2, -1, 0],
                beta: 1,
                random: &random
            )
            counts[choice.places[0]] += 1
        }
        // e^-2, then e^-1 of the rest: 541 and 1272 expected, deviations 22 and 30.
        #expect(abs(Double(counts[0]) - 4000 * exp(-2)) < 110)
        #expect(abs(Double(counts[1]) - 4000 * (1 - exp(-2)) * exp(-1)) < 150)
    }

    @Test func `it goes round until there are enough, and says what was accepted`() throws {
        var random = PhiloxSequence(seed: 2)
        let choice = CandidateChoice.accepted(
            4,
            of: [0, -9, nil, -9, -9],
            beta: 1,
            random: &random
        )
        #expect(Set(choice.places) == [0, 1, 3, 4])
        let acceptance = try #require(choice.acceptance)
        #expect(acceptance > 0 && acceptance < 1)
        var again = PhiloxSequence(seed: 2)
        #expect(
            CandidateChoice.accepted(4, of: [0, -9, nil, -9, -9], beta: 1, random: &again)
                == choice
        )
    }
}
