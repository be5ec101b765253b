import Statistics
import Testing

@Suite struct RankTests {
    @Test func `correlations are scipy's, with and without ties`() throws {
        for line in try Golden.read().correlations {
            #expect(agree(Correlation.pearson(line.left, line.right), line.pearson))
            #expect(agree(Correlation.spearman(line.left, line.right), line.spearman))
            #expect(agree(Correlation.kendall(line.left, line.right), line.kendall))
        }
    }

    @Test func `what never changes goes together with nothing`() {
        #expect(Correlation.pearson([1, 1, 1], [1, 2, 3]) == nil)
        #expect(Correlation.spearman([1, 1, 1], [1, 2, 3]) == nil)
        #expect(Correlation.kendall([1, 1, 1], [1, 2, 3]) == nil)
        #expect(Correlation.kendall([1], [1]) == nil)
        #expect(Correlation.kendall([1, 2, 3], [6, 5, 4]) == -1)
    }

    @Test func `STARC is the published distance and that of the correlation`() throws {
        #expect(agree(STARC.distance([([1, 2, 4], [2, 1, 5])]), 0.284053, 1e-6))
        let golden = try Golden.read().starc
        let groups = zip(golden.left, golden.right).map { (left: $0, right: $1) }
        #expect(agree(STARC.distance(groups), golden.distance))
    }

    @Test func `STARC does not see scale nor what is added to a prompt`() {
        let left: [[Double]] = [[1, 2, 4], [0, -1, 3]]
        let alike = left.enumerated().map { place, group in
            (left: group, right: group.map { 5 * $0 + Double(place) * 100 })
        }
        #expect(STARC.distance(alike) < 1e-7)
        #expect(agree(STARC.distance(left.map { ($0, $0.map { -$0 }) }), 1))
        // A reward that says nothing is the zero vector.
        #expect(agree(STARC.distance([([1, 2], [3, 3])]), 0.5))
    }
}
