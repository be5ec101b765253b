import Domain
import Rewards
import Testing

@Suite struct ImplicitRewardTests {
    private static let implicit: Value = [
        "name": "implicit", "model": "prm", "reference": "base", "beta": 0.5,
    ]

    /// What `spec` asks for, which must be an implicit reward.
    private func ratio(_ spec: Value) throws -> LogRatio {
        let source = try RewardPlan(spec).leaves[0].source
        guard case .implicit(let ratio)? = source else {
            Issue.record("\(String(describing: source))")
            throw HoneError(.internalError, "not an implicit reward")
        }
        return ratio
    }

    @Test func `a token's reward is beta times its log-ratio, and the score is their sum`() throws {
        let score = try ratio(Self.implicit).score([-1, -0.5, -2], reference: [-2, -0.25, -2])
        #expect(score.tokens == [0.5, -0.125, 0])
        #expect(score.value == 0.375)
        let plain = try ratio(["name": "implicit", "model": "prm"])
        #expect(plain.beta == 0.05 && plain.reference == nil)
    }

    @Test func `what has no tokens or no number is unscored`() throws {
        let ratio = try ratio(Self.implicit)
        for (own, other) in [([], []), ([-1], [-.infinity]), ([.nan], [-1]), ([-1], [])]
            as [([Float], [Float])]
        {
            let score = ratio.score(own, reference: other)
            #expect(score.value == nil && score.tokens.isEmpty && score.reason != nil)
        }
    }

    @Test func `a combination hands on the tokens of its one part that has them`() throws {
        var part = RewardScore(0.5)
        part.tokens = [0.25, 0.25]
        let sum: Value = [
            "name": "weighted_sum",
            "rewards": [
                ["reward": ["name": "length", "target": 2]],
                ["weight": 0, "reward": Self.implicit],
            ],
        ]
        let plan = try RewardPlan(sum)
        #expect(plan.tokenLeaves == [1] && plan.modelNames == ["prm", "base"])
        #expect(plan.models == [.compared("prm", reference: "base")])
        let score = try plan.scorer().combine([RewardScore(1), part])
        #expect(score.value == 1 && score.tokens == [0.25, 0.25])
        #expect(score.components == ["length": 1, "prm": 0.5])
        let alone = try RewardPlan(Self.implicit).scorer().combine([part])
        #expect(alone.value == 0.5 && alone.tokens == [0.25, 0.25])
        let twice: Value = ["name": "max", "rewards": [Self.implicit, Self.implicit]]
        let both = try RewardPlan(twice).scorer().combine([part, part])
        #expect(both.value == 0.5 && both.tokens.isEmpty)
    }

    @Test func `faults are found at once`() {
        let bad: Value = ["name": "implicit", "model": "", "reference": ""]
        let faults = #expect(throws: Faults.self) { try RewardPlan(bad) }
        #expect(faults?.list.map(\.path) == ["$.model", "$.reference"])
        #expect(throws: Faults.self) {
            try RewardPlan(["name": "implicit", "model": "m", "beta": 0])
        }
        #expect(throws: Faults.self) { try RewardPlan(["name": "implicit"]) }
    }
}
