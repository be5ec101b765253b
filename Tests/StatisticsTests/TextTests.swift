import Statistics
import Testing

@Suite struct TextTests {
    @Test func `distinct n-grams and self-BLEU are what counting says`() throws {
        let golden = try Golden.read().diversity
        for n in 1...3 {
            let found = Diversity.distinct(n, golden.sequences)
            #expect(agree(found, golden.distinct[n - 1]))
        }
        #expect(agree(Diversity.selfBLEU(golden.sequences), golden.self_bleu))
    }

    @Test func `equal texts have self-BLEU 1, too short ones no n-grams`() {
        let line = [1, 2, 3, 4, 5]
        #expect(agree(Diversity.selfBLEU([line, line, line]), 1))
        #expect(Diversity.distinct(6, [line]) == nil)
        #expect(Diversity.selfBLEU([line]) == nil)
        #expect(Diversity.selfBLEU([line, []]) == nil)
    }

    @Test func `lengths have a median between the two in the middle`() throws {
        let found = try #require(LengthSummary([4, 1, 2, 9]))
        #expect((found.mean, found.median, found.shortest, found.longest) == (4, 3, 1, 9))
        #expect(agree(found.ninetieth, 7.5))
        #expect(LengthSummary([]) == nil)
    }
}
