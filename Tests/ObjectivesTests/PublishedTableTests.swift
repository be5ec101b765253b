import Domain
import Foundation
import Objectives
import Testing

/// Losses that an independent script computed from the papers' equations, on one pair and on single
/// tokens.
@Suite struct PublishedTableTests {
    /// One line of the table.
    struct Row: Sendable, CustomStringConvertible {
        var name: String
        var parameters: [String: Value] = [:]
        var expected: Double

        var description: String { "\(name) \(parameters) -> \(expected)" }

        init(_ name: String, _ parameters: [String: Value], _ expected: Double) {
            (self.name, self.parameters, self.expected) = (name, parameters, expected)
        }
    }

    /// Of the pair with `L_w = -12, R_w = -13.5, |w| = 10; L_l = -20, R_l = -18, |l| = 16`.
    static let pairRows = [
        Row("dpo", ["beta": 0.1], 0.533382),
        Row("dpo", ["beta": 0.1, "label_smoothing": 0.2], 0.603382),
        Row("robust_dpo", ["beta": 0.1, "flip_rate": 0.1], 0.489632),
        Row("ipo", ["beta": 0.1, "length_average": false], 2.25),
        Row("ipo", ["beta": 0.1, "length_average": true], 22.325625),
        Row("hinge", ["beta": 0.1], 0.65),
        Row("ln_dpo", ["beta": 0.1], 0.679492),
        Row("f_dpo", ["beta": 0.1, "divergence": "forward_kl"], 0.397711),
        Row("f_dpo", ["beta": 0.1, "divergence": "js"], 0.601499),
        Row("f_dpo", ["beta": 0.1, "divergence": "alpha", "alpha": 0.5], 0.493567),
        Row("exo", ["beta": 0.1, "epsilon": 0.001], 2.178066),
        Row("nca", ["beta": 0.1], 1.305505),
        Row("sppo_hard", ["beta": 0.1], 21.25),
        Row("sppo", ["beta": 0.1], 10.625),
        Row("apo_zero", ["beta": 0.1], 0.912736),
        Row("apo_down", ["beta": 0.1], 0.950812),
        Row("discopop", ["beta": 0.05, "tau": 0.05], 0.832716),
        Row("rpo", ["beta": 0.1, "eta": 0.005], 0.539382),
        Row("simpo", ["beta": 2, "gamma": 1], 1.241154),
        Row("cpo", ["beta": 0.1, "sft_coefficient": 1], 12.371101),
        Row("orpo", ["lambda": 0.1], 1.265837),
        Row("asft", ["lambda": 1], 2.737580),
        Row("slic", ["delta": 1, "lambda": 0.1], 1.2),
        Row("dpo", ["beta": 0.05], 0.609470),
        Row("modpo", ["beta": 0.1, "weight": 0.5], 0.854355),
        Row("vpo", ["beta": 0.1, "alpha": 0.1, "mode": "offline"], 0.518382),
        Row("flex_dpo", ["beta_chosen": 0.1, "beta_rejected": 0.05], 0.575939),
        Row("rebel", ["eta": 1], 6.25),
        Row("inpo", ["eta": 0.1, "tau_over_eta": .number(1.0 / 3)], 2.25),
        Row("hybrid_dpo", ["beta": 0.1], 0.533382),
        // Not of the table: one pair's margins are sorted as they stand, no divergence is no
        // correction, and an unconditional preference regresses to 1/(2 beta).
        Row("aot", ["beta": 0.1], 0.533382),
        Row("aot_unpaired", ["beta": 0.1, "label_smoothing": 0.2], 0.603382),
        Row("tdpo1", ["beta": 0.1], 0.533382),
        Row("tdpo2", ["beta": 0.1], 0.533382),
        Row("online_ipo", ["beta": 0.1], 2.25),
        Row("online_ipo", ["beta": 0.1, "length_average": true], 22.325625),
        Row("online_ipo", ["beta": 0.2, "variant": "omd"], 2.25),
        Row("hybrid_po", ["beta": 0.1, "kl_coefficient": 0.1], 0.533382 - 0.1 * 1.5 * 12),
    ]

    private static func sequence(
        _ logprob: Double,
        _ reference: Double,
        _ count: Int
    )
        -> SequenceTerms
    {
        func spread(_ sum: Double) -> [Double] {
            .init(repeating: sum / Double(count), count: count)
        }
        var terms = SequenceTerms(logprobs: spread(logprob))
        terms.referenceLogprobs = spread(reference)
        terms.oldLogprobs = terms.referenceLogprobs
        terms[tokens: .forwardKL] = spread(0)
        return terms
    }

    private static var pair: PairTerms {
        var pair = PairTerms(chosen: sequence(-12, -13.5, 10), rejected: sequence(-20, -18, 16))
        for field in [BatchField.reward, .winRate, .marginReward] {
            pair.chosen[scalar: field] = 1
            pair.rejected[scalar: field] = 0
        }
        pair.preferenceProbability = 1
        pair.third = pair.chosen
        return pair
    }

    private func make(_ row: Row) throws -> any Objective {
        try ObjectiveCatalogue.make(name: row.name, parameters: .object(row.parameters), path: "$")
    }

    @Test(arguments: pairRows)
    func `pairs have the published losses`(_ row: Row) throws {
        var pair = Self.pair
        if row.name == "inpo" {
            // The table's last iterate finds both sides equally likely.
            pair.chosen.oldLogprobs = pair.chosen.logprobs.map { _ in -1.6 }
            pair.rejected.oldLogprobs = pair.rejected.logprobs.map { _ in -1 }
        }
        if row.name == "online_ipo", row.parameters["variant"] == "omd" {
            pair.chosen[scalar: .winRate] = 0.7
            pair.rejected[scalar: .winRate] = 0.3
        }
        let loss = try make(row).evaluate(ObjectiveBatch(.pairs([pair]))).loss
        #expect(abs(loss - row.expected) < 6e-7, "\(loss)")
    }

    /// Of one side of the pair, desirable (chosen) or not.
    @Test(arguments: [
        (Row("kto", ["kl_baseline": 0], 0.462570), true),
        (Row("kto", ["kl_baseline": 0], 0.450166), false),
        // The two sides of the table's 1.219096.
        (Row("bco", ["delta": 0], log1p(exp(-0.15))), true),
        (Row("bco", ["delta": 0], 1.219096 - log1p(exp(-0.15))), false),
    ])
    func `labelled completions have the published losses`(_ row: Row, _ label: Bool) throws {
        var terms = label ? Self.pair.chosen : Self.pair.rejected
        terms.label = label
        let loss = try make(row).evaluate(ObjectiveBatch(.sequences([terms]))).loss
        #expect(abs(loss - row.expected) < 6e-7, "\(loss)")
    }

    /// Log-ratios to the old policy, advantage, and the loss.
    static let tokenRows: [(Row, [Double], Double)] = [
        (Row("loop", [:], -1.1), [log(1.5)], 1), (Row("loop", [:], -0.5), [log(0.5)], 1),
        (Row("loop", [:], 1.5), [log(1.5)], -1),
        (Row("loop", [:], 0.9090909090909091), [log(0.5)], -1),
        (Row("loop", [:], 5), [log(5)], -1),
        (Row("ppo", [:], -1.2), [log(1.5)], 1), (Row("ppo", ["dual_clip": 3], 3), [log(5)], -1),
        (Row("dapo", [:], -1.28), [log(1.5)], 1), (Row("dapo", [:], 0.8), [log(0.5)], -1),
        (Row("gspo", ["clip_high": 1], -1.105171), [0.1, -0.2, 0.4], 1),
        (Row("rloo", ["clip_high": 1], -1.349859), [0.1, -0.2, 0.4], 1),
        // No advantage: the KL estimators, which the old policy stands in for as the reference.
        (Row("grpo", ["kl_coefficient": 1, "kl_estimator": "k1"], 0.5), [0.5], 0),
        (Row("grpo", ["kl_coefficient": 1, "kl_estimator": "k2"], 0.125), [-0.5], 0),
        (Row("grpo", ["kl_coefficient": 1], 0.106531), [0.5], 0),
        (Row("grpo", ["kl_coefficient": 1], 0.148721), [-0.5], 0),
        (Row("dro", ["beta": 1], 1 + 0.125), [0.5], 1),
        (Row("mdpo", ["step_size": 1], -exp(0.5) + 0.106531), [0.5], 1),
        (Row("mdpo", ["form": "squared", "tau": 1], 0.5 * 0.7 * 0.7), [0.1, -0.2, 0.4], 1),
    ]

    @Test(arguments: tokenRows)
    func `sequences have the published losses`(
        _ row: Row,
        _ logRatios: [Double],
        _ advantage: Double
    ) throws {
        var terms = SequenceTerms(logprobs: logRatios.map { _ in -1 })
        terms.oldLogprobs = logRatios.map { -1 - $0 }
        terms.referenceLogprobs = terms.oldLogprobs
        terms.advantages = logRatios.map { _ in advantage }
        let loss = try make(row).evaluate(ObjectiveBatch(.sequences([terms]))).loss
        #expect(abs(loss - row.expected) < 6e-7, "\(loss)")
    }

    @Test func `the decoupled loss has the published value`() throws {
        var terms = SequenceTerms(logprobs: [-1])
        (terms.oldLogprobs, terms.behaviorLogprobs) = ([-1.1], [-1.4])
        terms.advantages = [1]
        let objective = try make(Row("ppo", ["importance_cap": 5], 0))
        let loss = try objective.evaluate(ObjectiveBatch(.sequences([terms]))).loss
        #expect(abs(loss + 1.491825) < 6e-7)
    }

    /// Ratios 1.2 and 0.9, rewards half a unit apart.
    @Test(
        arguments: [
            (["clipping": "separate"], 0, -0.27), (["clipping": "joint"], -0.054, 0),
            (["clipping": "joint", "clip_range": 0.5], -0.27 * 0.287682, -0.27),
            (["clipping": "separate", "weighted": false], -0.075, -0.3),
        ] as [([String: Value], Double, Double)]
    )
    func `p3o has the published loss and gradient`(
        _ parameters: [String: Value],
        _ loss: Double,
        _ gradient: Double
    ) throws {
        func side(_ ratio: Double, _ reward: Double) -> SequenceTerms {
            var terms = SequenceTerms(logprobs: [-1])
            // A hair below, so that 1.2 is not clipped at 1 + 0.2.
            terms.oldLogprobs = [-1 - log(ratio) + 1e-12]
            terms.reward = reward
            return terms
        }
        let pair = PairTerms(chosen: side(1.2, 3.5), rejected: side(0.9, 3))
        let result = try make(Row("p3o", parameters, 0)).evaluate(ObjectiveBatch(.pairs([pair])))
        #expect(abs(result.loss - loss) < 6e-7)
        #expect(abs(result.gradients[0].logprobs[0] - gradient) < 1e-9)
    }
}
