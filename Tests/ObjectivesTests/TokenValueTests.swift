import Domain
import Foundation
import Objectives
import Testing

/// Losses of single sequences, worked out by hand or by plain arithmetic.
@Suite struct TokenValueTests {
    private func evaluate(
        _ name: String,
        _ parameters: [String: Value],
        _ terms: [SequenceTerms]
    ) throws -> ObjectiveResult {
        let objective = try ObjectiveCatalogue.make(
            name: name,
            parameters: .object(parameters),
            path: "$"
        )
        return try objective.evaluate(ObjectiveBatch(.sequences(terms)))
    }

    /// One token of that ratio to the old policy, of a prompt with that pass rate.
    private func answer(_ ratio: Double, reward: Double, rate: Double) -> SequenceTerms {
        var terms = SequenceTerms(logprobs: [-2])
        terms.oldLogprobs = [-2 - log(ratio)]
        terms.reward = reward
        terms[scalar: .stateValue] = rate
        return terms
    }

    /// Ratio, reward, pass rate, then loss and derivative by the log-probability.
    @Test(
        arguments: [
            (["normalise": "none"], [1.5, 1, 0.25], [-log(1.5), -1]),
            ([:], [1.5, 1, 0.25], [-0.75 * log(1.5), -0.75]),
            (["normalise": "root_odds"], [1.5, 1, 0.2], [-2 * log(1.5), -2]),
            // Implied ratio (1 - 0.25 · 0.8) / 0.75 = 16/15, above the clamp at 1.
            (["normalise": "none"], [0.8, 0, 0.25], [-log(16.0 / 15), 0.25]),
            // Implied ratio 0.625 / 0.75: the value is clamped to 1, the gradient goes on.
            (["normalise": "none"], [1.5, 0, 0.25], [0, 0.5]),
            (
                ["normalise": "none", "clamp_negative": 0.5], [1.5, 0, 0.25],
                [-log(0.625 / 0.75), 0.6]
            ),
            (["normalise": "none", "negative_weight": 0.5], [1.5, 0, 0.25], [0, 0.25]),
            // Clamped from below to 0.5 with the gradient of the ratio itself.
            (["normalise": "none", "clamp_positive": 0.5], [0.2, 1, 0.25], [-log(0.5), -0.4]),
            // Pass rates 0 and 1 count as 0.02 and 0.98.
            ([:], [1.5, 1, 1], [-0.02 * log(1.5), -0.02]),
            (["normalise": "none"], [1, 0, 0], [0, 0.02 / 0.98]),
        ] as [([String: Value], [Double], [Double])]
    )
    func `nft teaches by both signs through its clamps`(
        _ parameters: [String: Value],
        _ data: [Double],
        _ expected: [Double]
    ) throws {
        let terms = answer(data[0], reward: data[1], rate: data[2])
        let result = try evaluate("nft", parameters, [terms])
        #expect(abs(result.loss - expected[0]) < 1e-12)
        #expect(abs(result.gradients[0].logprobs[0] - expected[1]) < 1e-12)
    }

    private func completion(_ advantage: Double) -> SequenceTerms {
        var terms = SequenceTerms(logprobs: [-1, -2])
        terms.referenceLogprobs = [-1.2, -1.9]
        terms.reward = 1 + advantage
        terms[scalar: .stateValue] = 1
        return terms
    }

    @Test(
        arguments: [
            ("sequence", -0.5 * exp(0.1) * -3, -0.5 * exp(0.1), -0.5 * exp(0.1)),
            (
                "token", -0.5 * (-exp(0.2) - 2 * exp(-0.1)), -0.5 * exp(0.2), -0.5 * exp(-0.1)
            ),
            ("reference_free", 1.5, -0.5, -0.5),
            ("kl", 1.5 + 0.2 * 0.1, -0.3, -0.3),
        ]
    )
    func `a-lol weighs completions that are better than expected`(
        _ variant: String,
        _ loss: Double,
        _ first: Double,
        _ second: Double
    ) throws {
        let result = try evaluate("a_lol", ["variant": .string(variant)], [completion(0.5)])
        #expect(abs(result.loss - loss) < 1e-12)
        #expect(abs(result.gradients[0].logprobs[0] - first) < 1e-12)
        #expect(abs(result.gradients[0].logprobs[1] - second) < 1e-12)
        let worse = try evaluate("a_lol", ["variant": .string(variant)], [completion(-0.5)])
        #expect(abs(worse.loss - (variant == "kl" ? 0.02 : 0)) < 1e-12)
        let narrow: [String: Value] = ["variant": .string(variant), "clip_range": 0.05]
        if variant == "sequence" {
            let clipped = try evaluate("a_lol", narrow, [completion(0.5)])
            #expect(abs(clipped.gradients[0].logprobs[0] + 0.5 * 1.05) < 1e-12)
        }
    }

    @Test func `nash-md answers for its own or for the sequence's log-ratio`() throws {
        var terms = completion(0)
        terms[scalar: .winRate] = 0.8
        let token = try evaluate("nash_md", ["beta": 0.5], [terms])
        #expect(abs(token.loss - (0.5 * 0.2 - 0.3) * -1 - (0.5 * -0.1 - 0.3) * -2) < 1e-12)
        #expect(abs(token.gradients[0].logprobs[1] - (0.5 * -0.1 - 0.3)) < 1e-12)
        let whole = try evaluate("nash_md", ["beta": 0.5, "kl": "sequence"], [terms])
        #expect(abs(whole.loss - (0.5 * 0.1 - 0.3) * -3) < 1e-12)
    }

    /// Three tokens of which the second is not trained; sums skip it.
    @Test func `oreo regresses values and policy to the reward along the sequence`() throws {
        var terms = SequenceTerms(logprobs: [-1, -9, -2])
        terms.referenceLogprobs = [-1.5, -1, -1.8]
        terms.values = [0.4, 7, 0.6]
        terms.mask = [1, 0, 1]
        terms.reward = 1
        let result = try evaluate("oreo", ["beta": 0.5, "kl_coefficient": 0], [terms])
        let values = [0.4 + 0.5 * 0.3 - 1, 0.6 - 0.5 * 0.2 - 1]
        let policy = [0.5 * (0.5 - 0.2) + 0.4 - 1, 0.5 * -0.2 + 0.6 - 1]
        let squares = (values + policy).map { $0 * $0 }.reduce(0, +)
        #expect(abs(result.loss - squares / 2) < 1e-12)
        let gradient = result.gradients[0]
        #expect(abs(gradient.logprobs[0] - policy[0] * 0.5) < 1e-12)
        #expect(abs(gradient.logprobs[2] - policy[1] * 0.5) < 1e-12)
        #expect(gradient.logprobs[1] == 0)
        #expect(abs((gradient.values?[0] ?? .nan) - values[0]) < 1e-12)
        #expect(abs((gradient.values?[2] ?? .nan) - values[1]) < 1e-12)
        let held = try evaluate("oreo", ["beta": 0.5, "kl_coefficient": 1], [terms])
        let penalties = [exp(-0.5) - 1 + 0.5, exp(0.2) - 1 - 0.2]
        #expect(abs(held.loss - result.loss - (penalties[0] + penalties[1]) / 2) < 1e-12)
    }

    @Test func `align-distil divides by the weight of the contrast`() throws {
        var terms = SequenceTerms(logprobs: [-1, -1])
        terms[tokens: .teacherKL] = [0.3, 0.2]
        terms[tokens: .teacherDistances] = [0.5, 0.0999]
        let result = try evaluate("align_distil", [:], [terms])
        #expect(abs(result.loss - (0.1 / 5.001 * 0.3 + 0.1 * 0.2) / 2) < 1e-12)
        #expect(abs((result.gradients[0].tokens[.teacherKL]?[1] ?? .nan) - 0.05) < 1e-12)
        let plain = try evaluate("align_distil", ["contrast": false, "beta": 1], [terms])
        #expect(abs(plain.loss - 0.25) < 1e-12)
    }

    @Test func `token-kl takes either direction, less the entropy`() throws {
        var terms = SequenceTerms(logprobs: [-1, -1])
        terms[tokens: .reverseKL] = [0.3, 0.2]
        terms[tokens: .forwardKL] = [0.1, 0.5]
        terms[tokens: .entropies] = [1, 2]
        let reverse = try evaluate("token_kl", ["beta": 2], [terms])
        #expect(abs(reverse.loss - 0.5) < 1e-12)
        let parameters: [String: Value] = ["direction": "forward", "entropy_coefficient": 0.1]
        let forward = try evaluate("token_kl", parameters, [terms])
        #expect(abs(forward.loss - (0.3 - 0.15)) < 1e-12)
        #expect(forward.gradients[0].tokens[.entropies] == [-0.05, -0.05])
    }
}
