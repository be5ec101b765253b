import Domain
import Objectives
import Testing

@Suite struct HostileBatchTests {
    @Test(arguments: Variant.all, [-1e4, 1e4])
    func `extreme log-ratios give finite numbers or a named error`(
        _ variant: Variant,
        _ ratio: Double
    )
        throws
    {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        var content = synthetic.content()
        for position in content.sequences.indices where position.isMultiple(of: 3) {
            content.change(position) { terms in
                if ratio < 0 { terms.logprobs = terms.logprobs.map { $0 + ratio } }
                for field in [BatchField.referenceLogprobs, .oldLogprobs, .behaviorLogprobs] {
                    terms[tokens: field] = terms[tokens: field]?.map { ratio > 0 ? $0 - ratio : $0 }
                }
            }
        }
        expectFiniteOrNamed(objective, content)
    }

    @Test(arguments: Variant.all)
    func `completions of one token are trained on`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        synthetic.lengths = 1...1
        let result = try objective.evaluate(ObjectiveBatch(synthetic.content()))
        #expect(result.loss.isFinite)
    }

    @Test(arguments: Variant.all)
    func `empty masks and empty completions give finite numbers or a named error`(
        _ variant: Variant
    ) throws {
        let objective = try variant.make()
        for lengths in [0...0, 3...3] {
            var synthetic = SyntheticBatch(objective.requirements)
            synthetic.lengths = lengths
            var content = synthetic.content()
            for position in content.sequences.indices {
                content.change(position) { $0.mask = $0.logprobs.map { _ in 0 } }
            }
            expectFiniteOrNamed(objective, content)
        }
    }

    @Test(arguments: Variant.all)
    func `a NaN stops the step and names its sequence`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        synthetic.masks = false
        var content = synthetic.content()
        content.change(1) { terms in
            terms.logprobs[0] = .nan
            for field in BatchField.perToken { terms[tokens: field]?[0] = .nan }
            if terms.score != nil { terms.score = .nan }
        }
        let error = #expect(throws: HoneError.self) {
            try objective.evaluate(ObjectiveBatch(content))
        }
        #expect(error?.code == .notANumber)
        #expect(error?.param?.isEmpty == false)
    }

    @Test(arguments: Variant.all)
    func `each declared field is needed and its absence is named`(_ variant: Variant) throws {
        let objective = try variant.make()
        for field in objective.requirements.fields {
            var fewer = objective.requirements
            fewer.fields.remove(field)
            var synthetic = SyntheticBatch(fewer)
            var content = synthetic.content()
            if field == .reward {
                for position in content.sequences.indices {
                    content.change(position) { $0.reward = nil }
                }
            }
            let error = #expect(throws: HoneError.self) {
                try objective.evaluate(ObjectiveBatch(content))
            }
            #expect(error?.code == .invalidData)
            #expect(error?.message.contains(field.rawValue) == true)
        }
    }

    @Test(arguments: Variant.all)
    func `arrays of the wrong length are refused`(_ variant: Variant) throws {
        let objective = try variant.make()
        for field in BatchField.perToken where objective.requirements.fields.contains(field) {
            var synthetic = SyntheticBatch(objective.requirements)
            var content = synthetic.content()
            content.change(0) { _ = $0[tokens: field]?.popLast() }
            let error = #expect(throws: HoneError.self) {
                try objective.evaluate(ObjectiveBatch(content))
            }
            #expect(error?.message.contains(field.rawValue) == true)
        }
        var synthetic = SyntheticBatch(objective.requirements)
        var content = synthetic.content()
        content.change(0) { $0.mask = [1] + $0.logprobs.map { _ in 1 } }
        #expect(throws: HoneError.self) { try objective.evaluate(ObjectiveBatch(content)) }
    }

    @Test(arguments: Variant.all)
    func `another structure of data is refused by name`(_ variant: Variant) throws {
        let objective = try variant.make()
        let other: ObjectiveBatch.Content =
            objective.requirements.kind == .pairs ? .sequences([]) : .pairs([])
        let error = #expect(throws: HoneError.self) {
            try objective.evaluate(ObjectiveBatch(other))
        }
        #expect(error?.message.contains(objective.requirements.kind.rawValue) == true)
    }

    private func expectFiniteOrNamed(_ objective: any Objective, _ content: ObjectiveBatch.Content)
    {
        do throws(HoneError) {
            let result = try objective.evaluate(ObjectiveBatch(content))
            #expect(result.loss.isFinite)
            #expect(result.gradients.allSatisfy { $0.isFinite })
            #expect(result.metrics.values.allSatisfy { $0.isFinite })
        } catch {
            #expect([.notANumber, .invalidData].contains(error.code))
            #expect(error.param?.isEmpty == false)
        }
    }
}
