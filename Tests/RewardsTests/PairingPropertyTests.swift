import Domain
import Foundation
import Rewards
import Testing

/// What holds of every rule, whatever the rewards.
@Suite struct PairingPropertyTests {
    private static let names = PairingCatalogue.all.map { $0.name }

    /// Every rule with parameters that make pairs.
    private func pairing(_ name: String, ties: PairingSpec.Ties = .drop) throws -> Pairing {
        let parameters: Value = name == "threshold" ? ["minimum_margin": 0.5] : [:]
        return try Pairing(
            PairingSpec(rule: NamedParameters(name: name, parameters: parameters), ties: ties)
        )
    }

    /// Some groups of rewards with ties, unscored and not-a-number among them.
    private var groups: [[Double?]] {
        var random = PhiloxSequence(seed: 9)
        return (0..<200).map { _ in
            (0..<Int.random(in: 0...9, using: &random)).map { _ in
                switch Int.random(in: 0..<8, using: &random) {
                case 0: nil
                case 1: .nan
                default: Double(Int.random(in: -2...2, using: &random))
                }
            }
        }
    }

    private func opponents(_ pairing: Pairing, _ count: Int) -> Set<Int> {
        pairing.needsOpponent ? Set((0..<count).filter { $0 % 2 == 1 }) : []
    }

    @Test(arguments: names, [PairingSpec.Ties.drop, .random])
    func `a pair has two scored sides, the better one first, and there are not too many`(
        name: String,
        ties: PairingSpec.Ties
    ) throws {
        let pairing = try pairing(name, ties: ties)
        for (index, scores) in groups.enumerated() {
            let others = opponents(pairing, scores.count)
            let random = PhiloxSequence(seed: UInt64(index))
            let found = pairing.pairs(scores, opponents: others, random: random)
            for pair in found.pairs {
                let chosen = try #require(scores[pair.chosen])
                let rejected = try #require(scores[pair.rejected])
                #expect(pair.chosen != pair.rejected && chosen - rejected == pair.margin)
                #expect(ties == .random ? pair.margin >= 0 : pair.margin > 0)
                #expect(
                    !others.isEmpty
                        == (others.contains(pair.chosen) != others.contains(pair.rejected))
                )
            }
            let most = pairing.mostPairs(
                of: scores.count - others.count,
                opponents: others.count
            )
            #expect(found.pairs.count <= most, "\(scores)")
            let scored = scores.count { $0.map { !$0.isNaN } ?? false }
            if scored < 2 { #expect(found == .tooFewScored) }
        }
    }

    /// Rules that draw nothing; of distinct rewards they depend on the rewards alone.
    @Test(arguments: ["best_worst", "best_second", "adjacent", "all", "threshold"])
    func `the order of the completions does not matter`(name: String) throws {
        let pairing = try pairing(name)
        var random = PhiloxSequence(seed: 4)
        for count in 2..<8 {
            let scores = (0..<count).map { Double($0) * 1.5 }.shuffled(using: &random)
            let order = scores.indices.shuffled(using: &random)
            let first = pairing.pairs(scores, random: random).pairs
            let second = pairing.pairs(order.map { scores[$0] }, random: random).pairs
            let mapped = second.map { RankedPair(order[$0.chosen], order[$0.rejected], $0.margin) }
            #expect(mapped == first, "\(scores)")
        }
    }

    @Test func `every rule describes itself, under a name of its own`() {
        for type in PairingCatalogue.all {
            #expect(type.summary.hasSuffix(".") && !type.source.isEmpty, "\(type.name)")
            for parameter in type.parameters {
                #expect(parameter.meaning.hasSuffix("."), "\(type.name) \(parameter.name)")
            }
        }
        #expect(Set(Self.names).count == Self.names.count)
    }
}
