import Domain
import Foundation
import Objectives
import Testing

/// Identities between objectives that hold whatever the data.
@Suite struct InvarianceTests {
    private func evaluate(
        _ name: String,
        _ parameters: [String: Value] = [:],
        _ content: ObjectiveBatch.Content
    ) throws -> ObjectiveResult {
        let objective = try ObjectiveCatalogue.make(
            name: name,
            parameters: .object(parameters),
            path: "$"
        )
        return try objective.evaluate(ObjectiveBatch(content))
    }

    private func sequence(_ logprob: Double, reference: Double, tokens: Int = 2) -> SequenceTerms {
        var terms = SequenceTerms(
            logprobs: .init(repeating: logprob / Double(tokens), count: tokens)
        )
        terms.referenceLogprobs = .init(repeating: reference / Double(tokens), count: tokens)
        return terms
    }

    /// One token with that ratio to the old policy.
    private func token(ratio: Double, advantage: Double) -> ObjectiveBatch.Content {
        var terms = SequenceTerms(logprobs: [-1])
        terms.oldLogprobs = [-1 - log(ratio)]
        terms.advantages = [advantage]
        return .sequences([terms])
    }

    @Test(
        arguments: [
            ("dpo", [:], log(2)), ("ln_dpo", [:], log(2)), ("f_dpo", ["divergence": "js"], log(2)),
            ("f_dpo", ["divergence": "alpha"], log(2)), ("ipo", ["beta": 0.5], 1),
            ("hinge", [:], 1),
            ("nca", [:], 2 * log(2)), ("robust_dpo", [:], log(2)),
        ] as [(String, [String: Value], Double)]
    )
    func `a policy equal to its reference has the known loss`(
        _ name: String,
        _ parameters: [String: Value],
        _ expected: Double
    ) throws {
        let same = PairTerms(
            chosen: sequence(-3, reference: -3),
            rejected: sequence(-5, reference: -5, tokens: 4)
        )
        #expect(abs(try evaluate(name, parameters, .pairs([same])).loss - expected) < 1e-12)
    }

    @Test func `robust dpo averaged over flips is clean dpo`() throws {
        let (a, b) = (sequence(-12, reference: -13.5), sequence(-20, reference: -18))
        let straight = ObjectiveBatch.Content.pairs([PairTerms(chosen: a, rejected: b)])
        let flipped = ObjectiveBatch.Content.pairs([PairTerms(chosen: b, rejected: a)])
        let right = try evaluate("robust_dpo", ["flip_rate": 0.2], straight).loss
        let wrong = try evaluate("robust_dpo", ["flip_rate": 0.2], flipped).loss
        let clean = try evaluate("dpo", [:], straight).loss
        #expect(abs(0.8 * right + 0.2 * wrong - clean) < 1e-12)
        #expect(abs(clean - 0.533382) < 1e-6)
    }

    @Test func `dpo reports margin, accuracy and likelihoods`() throws {
        let (a, b) = (sequence(-12, reference: -13.5), sequence(-20, reference: -18))
        let pairs = [PairTerms(chosen: a, rejected: b), PairTerms(chosen: b, rejected: a)]
        let metrics = try evaluate("dpo", [:], .pairs(pairs + [pairs[0], pairs[0]])).metrics
        #expect(metrics["preference/accuracy"] == 0.75)
        #expect(abs((metrics["reward/margin"] ?? .nan) - 0.175) < 1e-12)
        #expect(metrics["policy/chosen_logprob"] == -14)
        #expect(metrics["policy/rejected_logprob"] == -18)
    }

    /// Ratio, advantage, then the loss of PPO, with dual clip 3, and with the upper clip 0.28.
    @Test(arguments: [
        [1.5, 1, -1.2, -1.2, -1.28], [0.5, 1, -0.5, -0.5, -0.5], [1.5, -1, 1.5, 1.5, 1.5],
        [0.5, -1, 0.8, 0.8, 0.8], [5, -1, 5, 3, 5],
    ])
    func `clipped surrogates match the published table`(_ row: [Double]) throws {
        let content = token(ratio: row[0], advantage: row[1])
        let losses = [
            try evaluate("ppo", [:], content).loss,
            try evaluate("ppo", ["dual_clip": 3], content).loss,
            try evaluate("dapo", [:], content).loss,
        ]
        #expect(zip(losses, row[2...]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func `clipped tokens are counted and give no gradient`() throws {
        let clipped = try evaluate("ppo", [:], token(ratio: 1.5, advantage: 1))
        #expect(clipped.metrics["policy/clip_fraction"] == 1)
        #expect(clipped.gradients[0].logprobs == [0])
        let open = try evaluate("ppo", [:], token(ratio: 1.5, advantage: -1))
        #expect(open.metrics["policy/clip_fraction"] == 0)
    }

    @Test func `clipped tokens are counted when the ratio is to the sampler`() throws {
        guard case .sequences(var list) = token(ratio: 1.5, advantage: 1) else { return }
        list[0].behaviorLogprobs = list[0].oldLogprobs
        list[0].oldLogprobs = nil
        let found = try evaluate("ppo", ["ratio_base": "behavior"], .sequences(list))
        #expect(found.metrics["policy/clip_fraction"] == 1)
    }

    /// Two tokens whose old probabilities are e^0.5 and e^-1 times the sampler's: their product is
    /// e^-0.5, their geometric mean e^-0.25.
    private static let offPolicy: [(String, Double, Double)] = [
        ("truncate", 0.5, 1.2 + 0.5), ("mask", 0.5, 0), ("mask", 0.3, exp(-1)),
        ("sequence_truncate", 0.5, 2 * exp(-0.5)), ("sequence_truncate", 0.9, 2 * 0.9),
        ("sequence_mask", 0.5, 2 * exp(-0.5)), ("sequence_mask", 0.7, 0),
        ("geometric_mask", 0.5, exp(0.5) + exp(-1)), ("geometric_mask", 0.9, 0),
    ]

    private func offPolicyLoss(_ parameters: [String: Value], _ advantage: Double) throws -> Double
    {
        var terms = SequenceTerms(logprobs: [-1, -2])
        terms.oldLogprobs = [-1, -2]
        terms.behaviorLogprobs = [-1.5, -1]
        terms.advantages = [advantage, advantage]
        let parameters = parameters.merging(["aggregation": "token_sum"]) { $1 }
        return try evaluate("ppo", parameters, .sequences([terms])).loss
    }

    @Test(arguments: offPolicy)
    func `weights for another policy's data are held within bounds or left out`(
        _ mode: String,
        _ floor: Double,
        _ expected: Double
    ) throws {
        let parameters: [String: Value] = [
            "importance_cap": 1.2, "importance_floor": .number(floor),
            "importance_mode": .string(mode),
        ]
        #expect(abs(try offPolicyLoss(parameters, 1) + expected) < 1e-12)
    }

    @Test func `sequences that drifted are left out when their advantage is negative`() throws {
        #expect(try offPolicyLoss(["drift_limit": 0.2], -1) == 0)
        #expect(try offPolicyLoss(["drift_limit": 0.3], -1) == 2)
        #expect(try offPolicyLoss(["drift_limit": 0.2], 1) == -2)
    }

    @Test(arguments: ["truncate", "mask", "geometric_mask", "sequence_truncate", "sequence_mask"])
    func `a weight that is not a number is not taken for one that is left out`(
        _ mode: String
    ) throws {
        guard case .sequences(var list) = token(ratio: 1, advantage: 1) else { return }
        list[0].behaviorLogprobs = [.nan]
        list[0].oldLogprobs = [.nan]
        let parameters: [String: Value] = ["importance_cap": 2, "importance_mode": .string(mode)]
        let error = #expect(throws: HoneError.self) {
            try evaluate("ppo", parameters, .sequences(list))
        }
        #expect(error?.code == .notANumber)
    }

    @Test func `an exact KL in the loss is measured`() throws {
        guard case .sequences(var list) = token(ratio: 1, advantage: 1) else { return }
        list[0][tokens: .reverseKL] = [0.25]
        let parameters: [String: Value] = ["kl_coefficient": 2, "kl_estimator": "exact"]
        let found = try evaluate("ppo", parameters, .sequences(list))
        #expect(found.metrics["policy/token_kl"] == 0.25)
        #expect(found.loss == -0.5)
    }

    @Test func `policy gradients coincide on the first on-policy step`() throws {
        var terms = SequenceTerms(logprobs: [-1, -0.5, -2])
        terms.oldLogprobs = terms.logprobs
        terms.advantages = [0.5, 0.5, 0.5]
        let expected = try evaluate("reinforce", [:], .sequences([terms])).gradients
        for name in ["ppo", "cispo", "dapo", "gspo"] {
            let found = try evaluate(name, [:], .sequences([terms])).gradients
            for (a, b) in zip(found[0].logprobs, expected[0].logprobs) {
                #expect(abs(a - b) < 1e-15, "\(name)")
            }
        }
    }

    @Test func `the sampler's correction is capped`() throws {
        guard case .sequences(var list) = token(ratio: 1, advantage: 1) else { return }
        list[0].behaviorLogprobs = [-3]
        let loss = try evaluate("ppo", ["importance_cap": 2], .sequences(list)).loss
        #expect(loss == -2)
        list[0].behaviorLogprobs = [-0.5]
        let small = try evaluate("ppo", ["importance_cap": 2], .sequences(list)).loss
        #expect(abs(small + exp(-0.5)) < 1e-15)
    }

    @Test func `regression objectives rest where the margin meets its target`() throws {
        var (a, b) = (SequenceTerms(logprobs: [-1]), SequenceTerms(logprobs: [-2]))
        (a.oldLogprobs, b.oldLogprobs) = ([-1.5], [-1])
        (a.reward, b.reward) = (2, 0.5)
        let rest = try evaluate("rebel", ["eta": 1], .pairs([PairTerms(chosen: a, rejected: b)]))
        #expect(rest.loss == 0)
        #expect(rest.gradients.allSatisfy { $0.logprobs == [0] })
    }

    @Test func `a sampler is not corrected for twice`() {
        let parameters: Value = ["ratio_base": "behavior", "importance_cap": 2]
        let faults = #expect(throws: Faults.self) {
            try ObjectiveCatalogue.make(name: "ppo", parameters: parameters, path: "$.objective")
        }
        #expect(faults?.list.first?.path == "$.objective.importance_cap")
    }

    /// All scores tie there: ranks must differ nevertheless.
    @Test func `a list loss learns from a policy that equals its reference`() throws {
        var (a, b) = (sequence(-3, reference: -3), sequence(-5, reference: -5))
        (a.reward, b.reward) = (1, 0)
        let group = ObjectiveBatch.Content.groups([GroupTerms([a, b])])
        let pair = ObjectiveBatch.Content.pairs([PairTerms(chosen: a, rejected: b)])
        let list = try evaluate("lipo_lambda", ["beta": 0.1], group)
        let dpo = try evaluate("dpo", ["beta": 0.1], pair)
        let factor: Double = 1 / log(2.0) - 1 / log(3.0)
        #expect(abs(list.loss - factor * dpo.loss) < 1e-12)
        for (found, expected) in zip(list.gradients, dpo.gradients) {
            #expect(abs(found.logprobs[0] - factor * expected.logprobs[0]) < 1e-12)
        }
    }
}
