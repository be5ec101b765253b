import Domain
import Objectives
import Testing

@Suite struct BatchingTests {
    @Test(arguments: Variant.all)
    func `microbatches with the whole batch's totals add up to it`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content(5)
        let whole = try objective.evaluate(ObjectiveBatch(content))
        let (first, second) = (content.taking([0, 1]), content.taking([2, 3, 4]))
        let totals = BatchTotals(of: first) + BatchTotals(of: second)
        let statistics =
            try objective.statistics(of: first) + (try objective.statistics(of: second))
        var sum = try objective.evaluate(
            ObjectiveBatch(first, totals: totals, statistics: statistics)
        )
        sum.append(
            try objective.evaluate(ObjectiveBatch(second, totals: totals, statistics: statistics))
        )
        #expect(totals == BatchTotals(of: content))
        expectEqual(sum, whole)
    }

    @Test(arguments: ObjectiveCatalogue.all.map { $0.name })
    func `a fault in a later microbatch is named by its place in the batch`(_ name: String) throws {
        let objective = try ObjectiveCatalogue.make(name: name, parameters: [:], path: "$")
        var synthetic = SyntheticBatch(objective.requirements)
        synthetic.masks = false
        var content = synthetic.content(3)
        content.change(0) { terms in
            terms.logprobs[0] = .nan
            terms.score = terms.score.map { _ in .nan }
            for field in BatchField.perToken { terms[tokens: field]?[0] = .nan }
        }
        var batch = ObjectiveBatch(content, statistics: BatchStatistics())
        batch.firstIndex = 40
        let error = #expect(throws: HoneError.self) { try objective.evaluate(batch) }
        let place = "\(objective.requirements.kind.rawValue)[40]"
        #expect(error?.param?.hasPrefix(place) == true, "\(error?.param ?? "")")
    }

    @Test(arguments: Variant.all)
    func `the order of the elements does not matter`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content(4)
        let whole = try objective.evaluate(ObjectiveBatch(content))
        let order = [2, 0, 3, 1]
        let shuffled = try objective.evaluate(ObjectiveBatch(content.taking(order)))
        let size = whole.gradients.count / 4
        var expected = whole
        expected.gradients = order.flatMap { whole.gradients[$0 * size..<($0 + 1) * size] }
        expectEqual(shuffled, expected)
    }

    /// Sums in another order differ by rounding only.
    private func expectEqual(_ found: ObjectiveResult, _ expected: ObjectiveResult) {
        #expect(close(found.loss, expected.loss))
        #expect(found.gradients.count == expected.gradients.count)
        for (a, b) in zip(found.gradients, expected.gradients) {
            #expect(zip(a.logprobs, b.logprobs).allSatisfy(close))
            #expect(a.tokens.keys == b.tokens.keys)
            for (field, list) in a.tokens {
                #expect(zip(list, b.tokens[field] ?? []).allSatisfy(close))
            }
            #expect(close(a.score ?? 0, b.score ?? 0))
        }
        #expect(Set(found.metrics.keys) == Set(expected.metrics.keys))
        for (name, value) in expected.metrics { #expect(close(found.metrics[name] ?? .nan, value)) }
    }

    private func close(_ a: Double, _ b: Double) -> Bool {
        abs(a - b) <= 1e-12 * max(1, abs(a), abs(b))
    }
}
