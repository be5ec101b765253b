import Domain
import Objectives
import Testing

/// What objectives declare of themselves holds on data, and what they do not declare does not.
@Suite struct TraitTests {
    static let names = ObjectiveCatalogue.all.map { $0.name }

    private func make(_ name: String) throws -> any Objective {
        try ObjectiveCatalogue.make(name: name, parameters: [:], path: "$")
    }

    private func content(_ objective: any Objective) -> ObjectiveBatch.Content {
        var synthetic = SyntheticBatch(objective.requirements, seed: 11)
        synthetic.masks = false
        return synthetic.content(4)
    }

    private func gradients(
        _ objective: any Objective,
        _ content: ObjectiveBatch.Content
    ) throws -> [Double] {
        try objective.evaluate(ObjectiveBatch(content)).gradients.flatMap { gradient in
            gradient.logprobs + [gradient.score ?? 0]
        }
    }

    private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
        zip(a, b).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($0)) }
    }

    @Test(arguments: names)
    func `the derivatives of the two sides of a pair add up to zero where it says so`(
        _ name: String
    ) throws {
        let objective = try make(name)
        let content = content(objective)
        guard case .pairs(let pairs) = content else {
            #expect(!type(of: objective).traits.contains(.marginOnly))
            return
        }
        let result = try objective.evaluate(ObjectiveBatch(content))
        let size = pairs[0].sequences.count
        let holds = pairs.indices.allSatisfy { index in
            let sides = result.gradients[index * size..<index * size + 2].map { side in
                side.score ?? side.logprobs.first ?? 0
            }
            return abs(sides[0] + sides[1]) <= 1e-12 * max(1, abs(sides[0]))
        }
        #expect(holds == type(of: objective).traits.contains(.marginOnly))
    }

    @Test(arguments: names)
    func `a constant added to both references changes nothing where it says so`(
        _ name: String
    ) throws {
        let objective = try make(name)
        guard objective.requirements.kind == .pairs, objective.requirements.needsReference else {
            #expect(!type(of: objective).traits.contains(.referenceShift))
            return
        }
        var shifted = content(objective)
        let before = try gradients(objective, shifted)
        for position in shifted.sequences.indices {
            shifted.change(position) { $0.referenceLogprobs?[0] -= 0.7 }
        }
        let holds = isClose(try gradients(objective, shifted), before)
        #expect(holds == type(of: objective).traits.contains(.referenceShift))
    }

    @Test(arguments: names)
    func `a constant added to all rewards changes no gradient where it says so`(
        _ name: String
    ) throws {
        let objective = try make(name)
        guard objective.requirements.kind != .sequences,
            objective.requirements.fields.contains(.reward)
        else {
            #expect(!type(of: objective).traits.contains(.rewardShift))
            return
        }
        var shifted = content(objective)
        let before = try gradients(objective, shifted)
        for position in shifted.sequences.indices {
            shifted.change(position) { terms in terms.reward = terms.reward.map { $0 + 0.7 } }
        }
        let holds = isClose(try gradients(objective, shifted), before)
        #expect(holds == type(of: objective).traits.contains(.rewardShift))
    }

    @Test(arguments: names)
    func `a policy equal to its reference has the loss that is stated`(_ name: String) throws {
        let objective = try make(name)
        var same = content(objective)
        for position in same.sequences.indices {
            same.change(position) { terms in
                terms.weight = 1
                for field in [BatchField.referenceLogprobs, .oldLogprobs, .behaviorLogprobs]
                where terms[tokens: field] != nil {
                    terms[tokens: field] = terms.logprobs
                }
                for field in [BatchField.reverseKL, .forwardKL] {
                    terms[tokens: field] = terms[tokens: field]?.map { _ in 0 }
                }
            }
        }
        same = same.withEqualWeights
        guard let stated = objective.lossAtReference else { return }
        let loss = try objective.evaluate(ObjectiveBatch(same)).loss
        #expect(abs(loss - stated) <= 1e-12 * max(1, abs(stated)))
    }

    @Test func `initial losses are stated for the objectives that have one`() throws {
        let stated = try ObjectiveCatalogue.all.filter { try make($0.name).lossAtReference != nil }
        #expect(stated.count >= 19)
    }
}

extension ObjectiveBatch.Content {
    /// Every pair and group weighs 1.
    fileprivate var withEqualWeights: ObjectiveBatch.Content {
        switch self {
        case .pairs(let list):
            .pairs(
                list.map { pair in
                    var pair = pair
                    pair.weight = 1
                    return pair
                }
            )
        case .groups(let list):
            .groups(
                list.map { group in
                    var group = group
                    group.weight = 1
                    return group
                }
            )
        case .sequences: self
        }
    }
}
