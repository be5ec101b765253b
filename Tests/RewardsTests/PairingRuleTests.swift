import Rewards
import Testing

@Suite struct PairingRuleTests {
    @Test(
        arguments: [
            ([1, 3, 2], .pair(chosen: 1, rejected: 0)),
            ([1, 3, 3, 1], .pair(chosen: 1, rejected: 0)),
            ([nil, -1, .nan, -2], .pair(chosen: 1, rejected: 3)),
            ([2, 2, nil, 2], .tied),
            ([nil, 4], .tooFewScored),
            ([], .tooFewScored),
        ] as [([Double?], PairingOutcome)]
    )
    func `best worst takes the extremes and leaves ties and the unscored out`(
        _ scores: [Double?],
        _ expected: PairingOutcome
    ) {
        #expect(PairingRule.bestWorst.pair(scores) == expected)
    }

    @Test func `what became of the groups is counted`() {
        let groups: [[Double?]] = [[1, 2], [1, 1], [nil, 1], [3, 0], []]
        let counts = PairingCounts(groups.map { PairingRule.bestWorst.pair($0) })
        #expect((counts.paired, counts.tied, counts.tooFewScored) == (2, 1, 2))
    }
}
