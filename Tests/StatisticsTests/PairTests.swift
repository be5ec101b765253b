import Foundation
import Statistics
import Testing

@Suite struct PairTests {
    @Test func `win rates have Wilson's interval`() throws {
        for line in try Golden.read().wilson {
            let found = try #require(WinRate.wilson(line.rate, count: line.count))
            #expect(agree(found.lower, line.lower))
            #expect(agree(found.upper, line.upper))
        }
    }

    @Test func `ties count one half, and several comparisons a prompt are drawn together`() throws {
        let single = try #require(WinRate(clusters: [[1], [0.5], [0], [1]]))
        #expect((single.wins, single.losses, single.ties) == (2, 1, 1))
        #expect(single.rate == 0.625)
        #expect(single.interval == WinRate.wilson(0.625, count: 4))
        let several = try #require(WinRate(clusters: [[1, 1], [0, 0], [1, 0.5]]))
        let drawn = try #require(several.interval)
        #expect(drawn.lower < several.rate && several.rate < drawn.upper)
        #expect(drawn != WinRate.wilson(several.rate, count: 6))
        #expect(WinRate(clusters: []) == nil)
    }

    @Test func `the length-controlled regression has the optimizer's coefficients`() throws {
        for line in try Golden.read().length_controlled {
            let comparisons = zip(line.outcomes, line.lengths).map {
                [LengthControlledWinRate.Comparison(outcome: $0, lengthDifference: $1)]
            }
            let found = try #require(
                LengthControlledWinRate(clusters: comparisons, ridge: line.ridge)
            )
            #expect(agree(found.quality, line.quality, 1e-5))
            #expect(agree(found.lengthEffect, line.effect, 1e-5))
            #expect(agree(found.rate, line.rate, 1e-6))
        }
    }

    @Test func `a judge of length alone leaves no win rate but one half`() throws {
        // a is longer in four of five comparisons, and nothing but length decides.
        let lengths = (0..<50).map { (place: Int) -> Double in
            let size = Double(1 + place % 7)
            return place % 5 == 0 ? -size : size
        }
        let deviation = try #require(Sample.deviation(lengths))
        let comparisons = lengths.map { length in
            let odds = exp(2 * tanh(length / deviation))
            return [
                LengthControlledWinRate.Comparison(
                    outcome: odds / (1 + odds),
                    lengthDifference: length
                )
            ]
        }
        let found = try #require(LengthControlledWinRate(clusters: comparisons))
        let plain = try #require(WinRate(clusters: comparisons.map { $0.map(\.outcome) }))
        #expect(plain.rate > 0.6)
        // The ridge moves both coefficients a little towards 0.
        #expect(abs(found.rate - 0.5) < 0.005)
        #expect(abs(found.lengthEffect - 2) < 0.05)
    }

    @Test func `calibration is what counting says`() throws {
        let golden = try Golden.read().calibration
        let found = try #require(
            Calibration(probabilities: golden.probabilities, outcomes: golden.outcomes)
        )
        #expect(agree(found.expectedError, golden.error))
        #expect(agree(found.brier, golden.brier))
        #expect(found.bins.reduce(0) { $0 + $1.count } == 200)
        #expect(agree(Calibration.temperature(golden.differences), golden.temperature, 1e-5))
    }

    @Test func `a reward that is as sure as it is right has no calibration error`() throws {
        // Three of four right at probability 3/4.
        let found = try #require(Calibration(preferences: [0.75, 0.75, 0.25, 0.75]))
        #expect(found.expectedError == 0)
        #expect(found.brier == 0.1875)
        #expect(Calibration.temperature([1, 2, 3]) == nil)
        #expect(Calibration.temperature([-1, -2, 3]) == nil)
    }

    @Test func `buckets hold equal counts and never part equal margins`() {
        let margins: [Double] = [1, 1, 1, 1, 2, 3, 4, 5, 6, 7]
        let outcomes: [Double] = [0, 1, 0, 1, 1, 1, 1, 1, 1, 0.5]
        let buckets = MarginBucket.buckets(margins: margins, outcomes: outcomes)
        #expect(buckets.map(\.count) == [4, 2, 2, 2])
        #expect(buckets.map(\.accuracy) == [0.5, 1, 1, 0.75])
        #expect(buckets.map(\.upper) == [1, 3, 5, 7])
        #expect(MarginBucket.buckets(margins: [], outcomes: []).isEmpty)
    }

    @Test func `a reward that only counts length is found out`() throws {
        let lengths: [(Double, Double)] = [(9, 4), (3, 5), (7, 2), (1, 8), (6, 6), (8, 3)]
        let pairs = lengths.map {
            JudgedPair(chosen: $0.0, rejected: $0.1, chosenLength: $0.0, rejectedLength: $0.1)
        }
        let found = try #require(RewardAccuracy(pairs))
        #expect(found.lengthBias.correlation == 1)
        #expect(found.lengthBias.longerWins == 1)
        #expect(found.lengthBias.chosenLonger.accuracy == 1)
        #expect(found.lengthBias.chosenShorter.accuracy == 0)
        #expect(found.lengthBias.equal.accuracy == 0.5)
        #expect(found.accuracy.rate == 3.5 / 6)
        #expect(found.byMargin.isEmpty)
    }
}
