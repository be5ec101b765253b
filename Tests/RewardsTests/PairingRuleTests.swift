import Domain
import Rewards
import Testing

@Suite struct PairingRuleTests {
    private func pairing(
        _ name: String,
        _ parameters: Value = [:],
        ties: PairingSpec.Ties = .drop,
        most: Int? = nil
    ) throws -> Pairing {
        let rule = NamedParameters(name: name, parameters: parameters)
        return try Pairing(PairingSpec(rule: rule, ties: ties, mostPairs: most))
    }

    private func random(_ seed: UInt64 = 1) -> PhiloxSequence { PhiloxSequence(seed: seed) }

    /// Chosen before rejected, as one text each.
    private func words(_ outcome: PairingOutcome) -> [String] {
        outcome.pairs.map { "\($0.chosen)>\($0.rejected)" }
    }

    @Test(
        arguments: [
            ("best_worst", [1, 3, 2], ["1>0"]),
            ("best_worst", [1, 3, 3, 1], ["1>0"]),
            ("best_worst", [nil, -1, .nan, -2], ["1>3"]),
            ("best_second", [1, 3, 2], ["1>2"]),
            // The next lower one, not the other that is as good.
            ("best_second", [3, 3, 2, 1], ["0>2"]),
            ("first_two", [nil, 1, 3, 9], ["2>1"]),
            ("adjacent", [1, 4, 2, 3], ["1>3", "3>2", "2>0"]),
            ("adjacent", [1, 2, 2], ["2>0"]),
            ("all", [1, 3, 2], ["1>2", "1>0", "2>0"]),
            ("all", [1, 1, 2], ["2>0", "2>1"]),
        ] as [(String, [Double?], [String])]
    )
    func `a rule says which are compared, and rewards which is better`(
        _ name: String,
        _ scores: [Double?],
        _ expected: [String]
    ) throws {
        #expect(words(try pairing(name).pairs(scores, random: random())) == expected)
    }

    @Test func `margins are differences of rewards, at least the threshold's`() throws {
        let rule = try pairing("threshold", ["minimum_margin": 2])
        let found = rule.pairs([0, 1, 3, nil], random: random())
        #expect(found.pairs == [RankedPair(2, 1, 2), RankedPair(2, 0, 3)])
        #expect(rule.pairs([0, 1, 1.5], random: random()) == .unpaired)
    }

    @Test func `an opponent's completions are the other side, and no other rule sees them`() throws
    {
        let rule = try pairing("policy_opponent")
        let scores: [Double?] = [1, nil, 5, 4, 2]
        let found = rule.pairs(scores, opponents: [3, 4], random: random())
        #expect(words(found) == ["3>0", "2>4"])
        #expect(rule.pairs([1, 2], opponents: [], random: random()) == .tooFewScored)
        #expect(rule.pairs([1, nil], opponents: [1], random: random()) == .tooFewScored)
        #expect(rule.pairs([1, 0], opponents: [1], random: random()).pairs.count == 1)
        let best = try pairing("best_worst").pairs(scores, opponents: [3, 4], random: random())
        #expect(words(best) == ["2>0"])
    }

    @Test
    func `rejection sampling takes the best alone at a small beta, and anything at a large one`()
        throws
    {
        let scores = (0..<8).map { Double?(Double($0)) }
        func accepted(_ beta: Double) throws -> [Int: Int] {
            let rule = try pairing("rejection_sampled", ["beta": .number(beta), "accepted": 2])
            var counts: [Int: Int] = [:]
            for seed in 0..<200 {
                for pair in rule.pairs(scores, random: random(UInt64(seed))).pairs {
                    counts[pair.chosen, default: 0] += 1
                    counts[pair.rejected, default: 0] += 1
                }
            }
            return counts
        }
        #expect(try accepted(0.01) == [7: 200, 6: 200])
        let wide = try accepted(1e6)
        // Every pass accepts the first it comes to.
        #expect(wide[0] == 200 && wide[1] == 200)
        // In between exp((s - max) / beta) decides: of two equally far steps each is e^-1.
        let middle = try accepted(1)
        #expect((middle[7] ?? 0) > (middle[6] ?? 0) && (middle[6] ?? 0) > (middle[5] ?? 0))
    }

    @Test func `a tournament pairs its winners on, a first round each accepted one once`() throws {
        let scores = (0..<8).map { Double?(Double($0)) }
        let parts: Value = ["accepted": 8, "ranking": "tournament"]
        let found = try pairing("rejection_sampled", parts).pairs(scores, random: random()).pairs
        #expect(found.count == 7)
        // Everyone but the best loses once.
        #expect(found.map(\.rejected).sorted() == Array(0..<7))
        let first = try pairing("rejection_sampled", ["accepted": 8]).pairs(
            scores,
            random: random()
        ).pairs
        #expect(first.flatMap { [$0.chosen, $0.rejected] }.sorted() == Array(0..<8))
    }

    @Test func `a drawn partner is any that may be, the same at every reading`() throws {
        for (name, places) in [("best_random", 1..<4), ("random", 0..<4)] {
            let rule = try pairing(name)
            var rejected: Set<Int> = []
            for seed in 0..<64 {
                let found = rule.pairs([9, 1, 2, 3], random: random(UInt64(seed)))
                #expect(found == rule.pairs([9, 1, 2, 3], random: random(UInt64(seed))))
                if name == "best_random" { #expect(found.pairs[0].chosen == 0) }
                rejected.formUnion(found.pairs.map(\.rejected))
            }
            #expect(rejected == Set(places).subtracting(name == "random" ? [0] : []), "\(name)")
        }
    }

    @Test func `ties are dropped, or ranked at random both ways`() throws {
        for type in PairingCatalogue.all {
            let parameters: Value = type.name == "threshold" ? ["minimum_margin": 0] : [:]
            let opponents: Set<Int> = type.needsOpponent ? [2, 3] : []
            let drop = try pairing(type.name, parameters)
            let found = drop.pairs([1, 1, 1, 1], opponents: opponents, random: random())
            #expect(found == .unpaired, "\(type.name)")
            let ranked = try pairing(type.name, parameters, ties: .random)
            let several = (0..<32).map { seed in
                words(
                    ranked.pairs([1, 1, 1, 1], opponents: opponents, random: random(UInt64(seed)))
                )
            }
            #expect(several.allSatisfy { !$0.isEmpty }, "\(type.name)")
            let all = Set(several.flatMap(\.self))
            let mirrored = Set(all.map { String($0.reversed()) })
            #expect(!all.isDisjoint(with: mirrored), "\(type.name): \(all)")
        }
    }

    @Test func `so many pairs of a group at most are chosen from the seed`() throws {
        let scores = (0..<6).map { Double?(Double($0)) }
        let every = try pairing("all").pairs(scores, random: random()).pairs
        let some = try pairing("all", most: 4)
        let found = some.pairs(scores, random: random()).pairs
        #expect(found.count == 4 && Set(found).isSubset(of: every))
        #expect(every.filter(found.contains) == found)
        #expect(some.pairs(scores, random: random(2)).pairs != found)
        #expect(some.mostPairs(of: 6) == 4)
    }

    @Test func `what became of the groups is counted`() throws {
        let groups: [[Double?]] = [[1, 2, 3], [1, 1], [nil, 1], [3, 0], []]
        let rule = try pairing("all")
        let counts = PairingCounts(groups.map { rule.pairs($0, random: random()) })
        #expect((counts.paired, counts.pairs, counts.unpaired, counts.tooFewScored) == (2, 4, 1, 2))
    }

    @Test func `an unknown rule or a wrong parameter is refused with its path and the mend`() {
        func faults(_ name: String, _ parameters: Value = [:]) -> Faults? {
            #expect(throws: Faults.self) { try pairing(name, parameters) }
        }
        #expect(faults("best_wurst")?.list.first?.path == "$.pairing.rule")
        #expect(faults("best_wurst")?.description.contains("\"best_worst\"") == true)
        #expect(faults("threshold")?.list.first?.path == "$.pairing.minimum_margin")
        #expect(faults("rejection_sampled", ["beta": 0])?.list.first?.path == "$.pairing.beta")
        #expect(faults("best_worst", ["beta": 1])?.list.first?.path == "$.pairing.beta")
    }
}
