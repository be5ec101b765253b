import Domain
import Objectives
import Testing

@Suite struct GradientTests {
    /// What an equation holds constant stays where it was; what it takes from the whole batch moves
    /// along where the gradient is said to go through it.
    @Test(arguments: Variant.all)
    func `gradient equals central differences`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        var content = synthetic.content(3)
        for position in content.sequences.indices {
            content.change(position) { $0.held = HeldNumbers(of: $0) }
        }
        let moves = objective.requirements.statistics == .differentiated
        let statistics = moves ? nil : try objective.statistics(of: content)
        var batch = ObjectiveBatch(content, statistics: statistics)
        let result = try objective.evaluate(batch)
        for (position, gradient) in result.gradients.enumerated() {
            for variable in Variable.all(of: gradient) {
                func loss(_ step: Double) throws -> Double {
                    batch.content = content
                    batch.content.change(position) { variable.shift(&$0, step) }
                    return try objective.evaluate(batch).loss
                }
                // Doubles at h = 1e-5: truncation and rounding both stay near 1e-9.
                let h = 1e-5
                let difference = (try loss(h) - loss(-h)) / (2 * h)
                let exact = variable.derivative(gradient)
                let tolerance = 2e-6 * max(1, abs(exact))
                #expect(abs(difference - exact) < tolerance, "sequence \(position) \(variable)")
            }
        }
    }

    @Test(arguments: Variant.all)
    func `numbers that are held as they are change nothing`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        var content = synthetic.content()
        let before = try objective.evaluate(ObjectiveBatch(content))
        for position in content.sequences.indices {
            content.change(position) { $0.held = HeldNumbers(of: $0) }
        }
        #expect(try objective.evaluate(ObjectiveBatch(content)) == before)
    }

    /// The batch with all that stop-gradients see moved away from the policy's own numbers.
    private func withOtherHeldNumbers(
        _ content: ObjectiveBatch.Content
    ) -> ObjectiveBatch.Content {
        var content = content
        for position in content.sequences.indices {
            content.change(position) { terms in
                var held = HeldNumbers(of: terms)
                held.logprobs = held.logprobs.map { $0 - 0.25 }
                held.tokens = held.tokens.mapValues { $0.map { $0 + 0.25 } }
                terms.held = held
            }
        }
        return content
    }

    /// With default parameters, of which both say so.
    @Test(arguments: ObjectiveCatalogue.all.map { $0.name })
    func `held numbers are looked at where gradients are stopped and nowhere else`(
        _ name: String
    ) throws {
        let type = try #require(ObjectiveCatalogue.type(named: name))
        let objective = try ObjectiveCatalogue.make(name: name, parameters: [:], path: "$")
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content()
        let statistics = try objective.statistics(of: content)
        let before = try objective.evaluate(ObjectiveBatch(content, statistics: statistics))
        let moved = ObjectiveBatch(withOtherHeldNumbers(content), statistics: statistics)
        let after = try objective.evaluate(moved)
        // Metrics may look at them: only the loss and its gradient count.
        let isSame = after.loss == before.loss && after.gradients == before.gradients
        #expect(isSame != type.stopsGradients)
    }

    @Test(arguments: Variant.all)
    func `has a gradient for every sequence and token, in order`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content()
        let result = try objective.evaluate(ObjectiveBatch(content))
        #expect(result.gradients.count == content.sequences.count)
        for (gradient, terms) in zip(result.gradients, content.sequences) {
            #expect(gradient.logprobs.count == terms.logprobs.count)
            let fields = objective.requirements.fields.filter {
                $0.place == .token && BatchField.differentiable.contains($0)
            }
            #expect(Set(gradient.tokens.keys) == fields)
            #expect((gradient.score != nil) == objective.requirements.trainsScores)
        }
        let parts = result.gradients.flatMap { gradient -> [Double] in
            gradient.logprobs + gradient.tokens.values.joined() + [gradient.score ?? 0]
        }
        #expect(parts.contains { $0 != 0 })
    }

    @Test(arguments: Variant.all)
    func `masked tokens give zero gradient and change nothing`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content()
        let before = try objective.evaluate(ObjectiveBatch(content))
        var scrambled = content
        for position in content.sequences.indices {
            scrambled.change(position) { terms in
                for (index, weight) in (terms.mask ?? []).enumerated() where weight == 0 {
                    terms.logprobs[index] = .nan
                    for field in BatchField.perToken { terms[tokens: field]?[index] = .nan }
                }
            }
        }
        let after = try objective.evaluate(ObjectiveBatch(scrambled))
        #expect(before == after)
        for (gradient, terms) in zip(after.gradients, content.sequences) {
            for (index, weight) in (terms.mask ?? []).enumerated() where weight == 0 {
                #expect(gradient.logprobs[index] == 0)
                #expect(gradient.tokens.values.allSatisfy { $0[index] == 0 })
            }
        }
    }
}

/// One number of a sequence that a gradient is taken by.
enum Variable {
    case logprob(Int)
    case field(BatchField, Int)
    case score

    static func all(of gradient: SequenceGradient) -> [Variable] {
        let fields = gradient.tokens.flatMap { field, numbers in
            numbers.indices.map { Variable.field(field, $0) }
        }
        return gradient.logprobs.indices.map { .logprob($0) } + fields
            + (gradient.score == nil ? [] : [.score])
    }

    func shift(_ terms: inout SequenceTerms, _ step: Double) {
        switch self {
        case .logprob(let index): terms.logprobs[index] += step
        case .field(let field, let index): terms[tokens: field]?[index] += step
        case .score: terms.score? += step
        }
    }

    func derivative(_ gradient: SequenceGradient) -> Double {
        switch self {
        case .logprob(let index): gradient.logprobs[index]
        case .field(let field, let index): gradient.tokens[field]?[index] ?? .nan
        case .score: gradient.score ?? .nan
        }
    }
}
