import Statistics
import Testing

@Suite struct EstimateTests {
    @Test func `quantiles are scipy's`() throws {
        let golden = try Golden.read().quantiles
        for line in golden.student {
            let degrees = try #require(line.degrees)
            let found = Quantiles.student(line.probability, degrees: degrees)
            #expect(agree(found, line.expected), "t(\(line.probability), \(degrees)): \(found)")
        }
        for line in golden.normal {
            #expect(agree(Quantiles.normal(line.probability), line.expected))
        }
    }

    @Test func `means have the intervals of scipy, clusters those of their sums`() throws {
        for line in try Golden.read().means {
            let found = try #require(MeanEstimate(clusters: line.clusters, level: line.level))
            #expect(agree(found.mean, line.mean))
            #expect(agree(found.deviation, line.deviation))
            #expect(agree(found.interval?.lower, line.lower))
            #expect(agree(found.interval?.upper, line.upper))
        }
    }

    @Test func `one number has a mean and no interval, none has neither`() {
        #expect(MeanEstimate([3])?.mean == 3)
        #expect(MeanEstimate([3])?.interval == nil)
        #expect(MeanEstimate(clusters: [[], []]) == nil)
    }

    @Test func `completions of one prompt that agree make the interval no narrower`() throws {
        let scores = [0.2, 0.9, 0.4, 0.7, 0.1]
        let once = try #require(MeanEstimate(scores)?.interval)
        let copied = scores.map { [$0, $0, $0] }
        let often = try #require(MeanEstimate(clusters: copied)?.interval)
        #expect(agree(often.lower, once.lower) && agree(often.upper, once.upper))
    }

    @Test func `a bootstrap repeats with its seed, changes with it, and is near Student's`() throws
    {
        let values = (0..<60).map { [Double(($0 * 37) % 61)] }
        let first = try #require(Bootstrap(seed: 1).mean(values))
        #expect(first == Bootstrap(seed: 1).mean(values))
        #expect(first != Bootstrap(seed: 2).mean(values))
        let student = try #require(MeanEstimate(clusters: values)?.interval)
        // 1000 resamples of 60: both ends within a sixth of the half-width.
        #expect(abs(first.lower - student.lower) < student.halfWidth / 6)
        #expect(abs(first.upper - student.upper) < student.halfWidth / 6)
        #expect(Bootstrap().mean([[1, 2, 3]]) == nil)
    }

    @Test func `the best of n is the mean over all subsets`() throws {
        let golden = try Golden.read().best_of_n
        for line in golden.cases {
            #expect(agree(BestOfN.expectation(line.n, by: golden.ranks), line.own))
            let other = BestOfN.expectation(line.n, of: golden.values, by: golden.ranks)
            #expect(agree(other, line.other))
        }
        #expect(agree(BestOfN.expectation(2, by: [1, 2, 3, 4]), 3.333333, 1e-6))
        #expect(BestOfN.expectation(4, by: [4, 1, 3, 2]) == 4)
        #expect(BestOfN.expectation(5, by: [1, 2]) == nil)
        for (n, nats) in [(1, 0), (4, 0.636294), (64, 3.174508)] {
            #expect(agree(BestOfN.divergence(n), nats, 1e-6))
        }
    }

    @Test func `pass at k is the share of subsets with a right one`() throws {
        for line in try Golden.read().pass_at_k {
            let found = PassAtK.estimate(line.k, samples: line.samples, correct: line.correct)
            #expect(agree(found, line.expected))
        }
        #expect(PassAtK.estimate(3, samples: 2, correct: 1) == nil)
    }

    @Test func `divergences are sums over tokens and means over sequences`() throws {
        let one = try #require(DivergenceEstimate([[0.5], [-0.5]]))
        #expect(agree(one.k1, 0))
        #expect(agree(one.k3, (0.106531 + 0.148721) / 2, 1e-5))
        let long = try #require(DivergenceEstimate([[0.5, 0.5, 0.5]]))
        #expect(agree(long.k1, 1.5))
        #expect(DivergenceEstimate([[-5000]])?.k3.isFinite == true)
        #expect(DivergenceEstimate([]) == nil)
    }

    @Test func `the balance asks for enough right completions, and few wrong`() {
        let found = [(4, 4), (8, 10), (0, 3), (12, 12), (0, 0)].map {
            SelectionBalance.score(correct: $0.0, selected: $0.1)
        }
        #expect(found == [0.5, 0.8, 0, 1, 0])
    }
}
