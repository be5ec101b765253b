import Domain
import Foundation
import Objectives
import Testing

/// AOT's losses against a naive sort of the whole batch, however it is cut.
@Suite struct RankMatchingTests {
    private static let beta = 0.7
    private static let smoothing = 0.15

    private func make(_ name: String) throws -> any Objective {
        let parameters: Value = [
            "beta": .number(Self.beta), "label_smoothing": .number(Self.smoothing),
        ]
        return try ObjectiveCatalogue.make(name: name, parameters: parameters, path: "$")
    }

    /// Pairs of equal weight; `ties` makes many numbers equal.
    private func pairs(_ count: Int, ties: Bool = false) -> [PairTerms] {
        var synthetic = SyntheticBatch(DataRequirements(.pairs, [.referenceLogprobs]), seed: 3)
        guard case .pairs(var list) = synthetic.content(count) else { return [] }
        for index in list.indices {
            list[index].weight = 1
            guard ties else { continue }
            // Quarters, of which every sum is exact.
            func round(_ terms: inout SequenceTerms) {
                terms.logprobs = terms.logprobs.map { ($0 * 4).rounded() / 4 }
                terms.referenceLogprobs = terms.referenceLogprobs?.map { ($0 * 4).rounded() / 4 }
            }
            round(&list[index].chosen)
            round(&list[index].rejected)
        }
        return list
    }

    private func sum(_ list: [Double], _ terms: SequenceTerms) -> Double {
        let mask = terms.mask ?? list.map { _ in 1 }
        return list.indices.map { list[$0] * mask[$0] }.reduce(0, +)
    }

    /// The two lists that each objective sorts: what should be high, and what should be low.
    private func lists(_ name: String, _ pairs: [PairTerms]) -> (high: [Double], low: [Double]) {
        func policy(_ terms: SequenceTerms) -> Double { sum(terms.logprobs, terms) }
        func reference(_ terms: SequenceTerms) -> Double {
            sum(terms.referenceLogprobs ?? [], terms)
        }
        func ratio(_ terms: SequenceTerms) -> Double { policy(terms) - reference(terms) }
        return name == "aot"
            ? (
                pairs.map { policy($0.chosen) - policy($0.rejected) },
                pairs.map { reference($0.chosen) - reference($0.rejected) }
            )
            : (pairs.map { ratio($0.chosen) }, pairs.map { ratio($0.rejected) })
    }

    private func naive(_ name: String, _ pairs: [PairTerms]) -> Double {
        let (high, low) = lists(name, pairs)
        let gaps = zip(high.sorted(), low.sorted()).map { Self.beta * ($0 - $1) }
        let losses = gaps.map { gap in
            let certain = 1 / (1 + exp(-gap))
            return -(1 - Self.smoothing) * log(certain) - Self.smoothing * log(1 - certain)
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    @Test(arguments: ["aot", "aot_unpaired"], [false, true])
    func `equals the naive sort of the whole batch`(_ name: String, _ ties: Bool) throws {
        let objective = try make(name)
        for count in [1, 2, 7, 30] {
            let pairs = pairs(count, ties: ties)
            let loss = try objective.evaluate(ObjectiveBatch(.pairs(pairs))).loss
            #expect(abs(loss - naive(name, pairs)) < 1e-12)
        }
    }

    @Test(arguments: ["aot", "aot_unpaired"], [false, true])
    func `cuts and permutations change nothing`(_ name: String, _ ties: Bool) throws {
        let objective = try make(name)
        let pairs = pairs(12, ties: ties)
        let order = [5, 0, 11, 3, 9, 1, 7, 2, 10, 8, 4, 6]
        let shuffled = order.map { pairs[$0] }
        let whole = try objective.evaluate(ObjectiveBatch(.pairs(pairs)))
        for size in [1, 2, 5, 12] {
            let parts = stride(from: 0, to: 12, by: size).map { start in
                ObjectiveBatch.Content.pairs(Array(shuffled[start..<min(start + size, 12)]))
            }
            var statistics = BatchStatistics()
            for part in parts { statistics = statistics + (try objective.statistics(of: part)) }
            let totals = BatchTotals(of: .pairs(pairs))
            var found = ObjectiveResult()
            for part in parts {
                found.append(
                    try objective.evaluate(
                        ObjectiveBatch(part, totals: totals, statistics: statistics)
                    )
                )
            }
            #expect(abs(found.loss - whole.loss) < 1e-13)
            for (place, index) in order.enumerated() {
                for side in 0..<2 {
                    let (a, b) = (
                        found.gradients[2 * place + side].logprobs,
                        whole.gradients[2 * index + side].logprobs
                    )
                    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-13 })
                }
            }
        }
    }

    /// By differences of the naive loss, which knows nothing of halves and ranks.
    @Test(arguments: ["aot", "aot_unpaired"])
    func `the gradient is the naive loss's`(_ name: String) throws {
        let objective = try make(name)
        let content = ObjectiveBatch.Content.pairs(pairs(6))
        let gradients = try objective.evaluate(ObjectiveBatch(content)).gradients
        for position in gradients.indices {
            func loss(_ step: Double) -> Double {
                var moved = content
                moved.change(position) { $0.logprobs[0] += step }
                guard case .pairs(let pairs) = moved else { return .nan }
                return naive(name, pairs)
            }
            let difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
            #expect(abs(gradients[position].logprobs[0] - difference) < 1e-8)
        }
    }

    @Test(arguments: ["aot", "aot_unpaired"])
    func `a pair without weight has no rank`(_ name: String) throws {
        let objective = try make(name)
        var pairs = pairs(5)
        let rest = try objective.evaluate(ObjectiveBatch(.pairs(Array(pairs[1...]))))
        pairs[0].weight = 0
        let found = try objective.evaluate(ObjectiveBatch(.pairs(pairs)))
        #expect(abs(found.loss * 5 - rest.loss * 4) < 1e-12)
        #expect(found.gradients[..<2].allSatisfy { $0.logprobs.allSatisfy { $0 == 0 } })
    }

    @Test func `statistics of another batch are refused, not trapped on`() throws {
        let batch = ObjectiveBatch(.pairs(pairs(2)), statistics: BatchStatistics())
        let error = #expect(throws: HoneError.self) { try make("aot").evaluate(batch) }
        #expect(error?.code == .notANumber)
    }
}
