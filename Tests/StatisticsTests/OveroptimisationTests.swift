import Statistics
import Testing

@Suite struct OveroptimisationTests {
    @Test func `the curves are those of least squares`() throws {
        for line in try Golden.read().overoptimisation {
            let points = zip(line.distances, line.rewards).map { (distance: $0, reward: $1) }
            let method = try #require(Overoptimisation.Method(rawValue: line.method))
            let found = try #require(Overoptimisation(points, start: line.start, method: method))
            #expect(agree(found.alpha, line.alpha, 1e-7))
            #expect(agree(found.beta, line.beta, 1e-7))
            #expect(agree(found.determination, line.determination, 1e-7))
            #expect((found.peakDistance == nil) == (line.peak == nil))
            if let peak = line.peak {
                #expect(agree(found.peakDistance, peak, 1e-5))
                #expect(abs(found.slope(at: peak)) < 1e-5)
                #expect(found.peakReward == found.reward(at: found.peakDistance ?? 0))
            }
        }
    }

    @Test func `a curve that is exactly one of its kind is found again`() throws {
        let curve: (Double) -> Double = { 2 + $0 * (0.7 - 0.05 * $0) }
        let points = [0.0, 0.5, 2, 4, 8].map { (distance: $0, reward: curve($0)) }
        let found = try #require(Overoptimisation(points, start: 2, method: .bestOfN))
        #expect(agree(found.alpha, 0.7) && agree(found.beta, 0.05))
        #expect(agree(found.peakDistance, 7) && agree(found.determination, 1))
        #expect(found.slope(at: 8) < 0 && found.slope(at: 6) > 0)
    }

    @Test func `too few distances, or none, have no curve`() {
        #expect(Overoptimisation([(1, 2), (1, 3)], start: 0) == nil)
        #expect(Overoptimisation([(0, 1), (-1, 2), (.nan, 3)], start: 0) == nil)
    }
}
