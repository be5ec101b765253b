import Domain
import Foundation
import Objectives
import Testing

/// Losses of single pairs with whole distributions or a third completion, by plain arithmetic.
@Suite struct PairValueTests {
    private func evaluate(
        _ name: String,
        _ parameters: [String: Value],
        _ pair: PairTerms
    ) throws -> ObjectiveResult {
        let objective = try ObjectiveCatalogue.make(
            name: name,
            parameters: .object(parameters),
            path: "$"
        )
        return try objective.evaluate(ObjectiveBatch(.pairs([pair])))
    }

    /// `a_w = 0.5`, `a_l = -0.3`, with numbers of whole distributions at every token.
    private var pair: PairTerms {
        var chosen = SequenceTerms(logprobs: [-1, -2])
        chosen.referenceLogprobs = [-1.2, -2.3]
        var rejected = SequenceTerms(logprobs: [-0.5, -7, -1.5])
        rejected.referenceLogprobs = [-0.3, -1, -1.4]
        rejected.mask = [1, 0, 1]
        chosen[tokens: .forwardKL] = [0.2, 0.1]
        rejected[tokens: .forwardKL] = [0.4, 9, 0.3]
        chosen[tokens: .collisions] = [0.5, 0.25]
        rejected[tokens: .collisions] = [0.8, 0.1, 0.4]
        return PairTerms(chosen: chosen, rejected: rejected)
    }

    private func logistic(_ z: Double) -> Double { log(1 + exp(-z)) }

    @Test func `tdpo corrects the margin by the divergences`() throws {
        let first = try evaluate("tdpo1", ["beta": 0.5], pair)
        #expect(abs(first.loss - logistic(0.5 * (0.8 - (0.7 - 0.3)))) < 1e-12)
        let slope = 0.5 / (1 + exp(0.2))
        #expect(first.gradients[0].tokens[.forwardKL]?.count == 2)
        #expect(abs((first.gradients[0].tokens[.forwardKL]?[1] ?? .nan) + slope) < 1e-12)
        #expect(abs((first.gradients[1].tokens[.forwardKL]?[0] ?? .nan) - slope) < 1e-12)
        #expect(first.gradients[1].tokens[.forwardKL]?[1] == 0)
        let second = try evaluate("tdpo2", ["beta": 0.5, "alpha": 0.25], pair)
        #expect(abs(second.loss - logistic(0.5 * (0.8 - 0.25 * 0.4))) < 1e-12)
        // The chosen side's divergence is a constant.
        #expect(second.gradients[0].tokens[.forwardKL] == [0, 0])
        let pull = 0.25 * 0.5 / (1 + exp(0.35))
        #expect(abs((second.gradients[1].tokens[.forwardKL]?[2] ?? .nan) - pull) < 1e-12)
    }

    @Test func `wpo weighs a pair by how likely the policy is to write it`() throws {
        // Logs of the weights, token by token, then their means.
        let chosen = (-1 - log(0.5) - 2 - log(0.25)) / 2
        let rejected = (-0.5 - log(0.8) - 1.5 - log(0.4)) / 2
        let weight = exp(chosen) * exp(rejected)
        let result = try evaluate("wpo", ["beta": 0.5], pair)
        #expect(weight < 1)
        #expect(abs(result.loss - weight * logistic(0.4)) < 1e-12)
        #expect(abs((result.metrics["policy/pair_weight"] ?? .nan) - weight) < 1e-12)
        #expect(result.gradients[0].tokens[.collisions] == [0, 0])
        var sharp = pair
        sharp.chosen[tokens: .collisions] = [0.01, 0.01]
        #expect(abs(try evaluate("wpo", ["beta": 0.5], sharp).loss - logistic(0.4)) < 1e-12)
        let open = try evaluate("wpo", ["beta": 0.5, "clamp": false], sharp)
        let large = exp((-3 - 2 * log(0.01)) / 2 + rejected)
        #expect(abs(open.loss - large * logistic(0.4)) < 1e-10)
    }

    @Test func `triple preference optimisation imitates the gold completion`() throws {
        var triple = pair
        triple.third = SequenceTerms(logprobs: [-1, -0.5, -0.3])
        let sums = try evaluate("triple_po", ["beta": 0.5, "alpha": 2], triple)
        #expect(abs(sums.loss - logistic(0.5 * (-3 + 2)) - 2 * 0.6) < 1e-12)
        #expect(sums.gradients.count == 3)
        #expect(sums.gradients[2].logprobs.allSatisfy { abs($0 + 2.0 / 3) < 1e-12 })
        let means = try evaluate("triple_po", ["beta": 2, "length_average": true], triple)
        #expect(abs(means.loss - logistic(2 * (-1.5 + 1) - 0.5) - 0.6) < 1e-12)
    }

    @Test func `hybrid preference optimisation lowers what drifted up`() throws {
        var given = pair
        var fresh = SequenceTerms(logprobs: [-1, -1])
        fresh.referenceLogprobs = [-1.5, -2]
        given.third = fresh
        let result = try evaluate("hybrid_po", ["beta": 0.5, "kl_coefficient": 0.2], given)
        #expect(abs(result.loss - logistic(0.4) - 0.2 * 1.5 * -2) < 1e-12)
        #expect(result.gradients[2].logprobs.allSatisfy { abs($0 - 0.3) < 1e-12 })
    }

    @Test func `p3o takes the drift from the reference off the reward`() throws {
        var given = pair
        for side in [\PairTerms.chosen, \.rejected] {
            given[keyPath: side].oldLogprobs = given[keyPath: side].logprobs
            given[keyPath: side].reward = 1
        }
        // Log-ratios 0.5 and -0.3: the rewards are 1 - 0.05 and 1 + 0.03.
        let result = try evaluate("p3o", ["kl_coefficient": 0.1], given)
        #expect(abs(result.gradients[0].logprobs[0] - 0.04) < 1e-12)
        #expect(abs(result.gradients[1].logprobs[0] + 0.04) < 1e-12)
    }
}
