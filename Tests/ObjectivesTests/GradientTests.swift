import Domain
import Objectives
import Testing

@Suite struct GradientTests {
    static let differentiable = Variant.all.filter {
        ObjectiveCatalogue.type(named: $0.name)?.stopsGradients == false
    }

    @Test(arguments: differentiable)
    func `gradient equals central differences`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content(3)
        var batch = ObjectiveBatch(content, statistics: try objective.statistics(of: content))
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
    func `has a gradient for every sequence and token, in order`(_ variant: Variant) throws {
        let objective = try variant.make()
        var synthetic = SyntheticBatch(objective.requirements)
        let content = synthetic.content()
        let result = try objective.evaluate(ObjectiveBatch(content))
        #expect(result.gradients.count == content.sequences.count)
        for (gradient, terms) in zip(result.gradients, content.sequences) {
            #expect(gradient.logprobs.count == terms.logprobs.count)
            #expect((gradient.values != nil) == objective.requirements.trainsValues)
            #expect((gradient.entropies != nil) == objective.requirements.trainsEntropies)
            #expect((gradient.score != nil) == objective.requirements.trainsScores)
        }
        let parts = result.gradients.flatMap { gradient -> [Double] in
            gradient.logprobs + (gradient.values ?? []) + [gradient.score ?? 0]
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
                #expect((gradient.values?[index] ?? 0) == 0)
            }
        }
    }
}

/// One number of a sequence that a gradient is taken by.
enum Variable {
    case logprob(Int)
    case value(Int)
    case entropy(Int)
    case score

    static func all(of gradient: SequenceGradient) -> [Variable] {
        gradient.logprobs.indices.map { .logprob($0) }
            + (gradient.values ?? []).indices.map { .value($0) }
            + (gradient.entropies ?? []).indices.map { .entropy($0) }
            + (gradient.score == nil ? [] : [.score])
    }

    func shift(_ terms: inout SequenceTerms, _ step: Double) {
        switch self {
        case .logprob(let index): terms.logprobs[index] += step
        case .value(let index): terms.values?[index] += step
        case .entropy(let index): terms.entropies?[index] += step
        case .score: terms.score? += step
        }
    }

    func derivative(_ gradient: SequenceGradient) -> Double {
        switch self {
        case .logprob(let index): gradient.logprobs[index]
        case .value(let index): gradient.values?[index] ?? .nan
        case .entropy(let index): gradient.entropies?[index] ?? .nan
        case .score: gradient.score ?? .nan
        }
    }
}
