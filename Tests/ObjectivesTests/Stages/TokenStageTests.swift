import Domain
import Foundation
import Objectives
import Testing

/// KL, credit, estimators over tokens, whitening and constraints, in numbers worked by hand.
@Suite struct TokenStageTests {
    private func advantages(
        _ name: String,
        _ completions: [StageCompletion],
        given parameters: Value = [:],
        greedy: Double? = nil,
        _ set: (inout StageSpec) -> Void = { _ in }
    ) throws -> [[Double]] {
        var group = StageGroup(id: 0, completions)
        group.greedy = greedy.map { StageCompletion(reward: $0, length: 1) }
        return try StageFixtures.pipeline(name, parameters, set).process(StageInput([group]))
            .groups[0].map(\.advantages)
    }

    private let ratios = StageFixtures.completion(
        1,
        old: [-1, -2, -0.5],
        reference: [-1.5, -1.5, -0.5]
    )

    @Test func `the KL estimators match the published vectors`() throws {
        let one = StageFixtures.completion(0, old: [-1, -1.5], reference: [-1.5, -1])
        for (estimator, expected) in [
            (.k1, [0.5, -0.5]), (.k2, [0.125, 0.125]), (.k3, [0.106531, 0.148721]),
            (.abs, [0.5, 0.5]),
        ] as [(KLEstimator, [Double])] {
            let found = try advantages("return_to_go", [one], given: ["gamma": 0]) {
                $0.rewardKL = RewardKLSpec(coefficient: 1, estimator: estimator)
            }
            #expect(StageFixtures.isClose(found[0], expected.map { -$0 }, 1e-6))
        }
    }

    @Test func `the KL counts for tokens before, for the completion, or for its token alone`()
        throws
    {
        let kl: (inout StageSpec) -> Void = { $0.rewardKL = RewardKLSpec(coefficient: 0.1) }
        // d = 0.5, -0.5, 0.
        let tokens = try advantages("return_to_go", [ratios], kl)
        #expect(StageFixtures.isClose(tokens[0], [1, 1.05, 1]))
        var other = StageFixtures.completion(0, old: [-1], reference: [-3])
        let whole = try advantages("group_mean", [ratios, other], kl)
        // 1 - 0.1 * 0 against 0 - 0.1 * 2.
        #expect(StageFixtures.isClose(whole[0], [0.6, 0.6, 0.6]))
        let alone = try advantages(
            "greedy_baseline",
            [ratios],
            given: ["gamma": 0.5],
            greedy: 0.2,
            kl
        )
        #expect(StageFixtures.isClose(alone[0], [0.2 - 0.05, 0.4 + 0.05, 0.8]))
        other.referenceLogprobs = nil
        let missing = #expect(throws: HoneError.self) {
            try advantages("group_mean", [ratios, other], kl)
        }
        #expect(missing?.param == "reference_logprobs")
    }

    @Test func `gae and its returns match the published vector, before whitening`() throws {
        var completion = StageCompletion(reward: 1, length: 4)
        completion.values = [0.1, 0.2, 0.3, 0.4]
        completion.tokenRewards = [-0.01, 0.02, -0.03, 0]
        let pipeline = try StageFixtures.pipeline("gae", ["gamma": 1, "gae_lambda": 0.95]) {
            $0.credit = NamedParameters(name: "dense")
            $0.whiten = .batch
        }
        let found = try pipeline.process(StageInput([StageGroup(id: 0, [completion])])).groups[0][0]
        let returns = try #require(found.returns)
        // The published advantages, to which the values are added.
        #expect(zip(returns, [0.8816, 0.928, 0.94, 1]).allSatisfy { abs($0 - $1) < 5e-5 })
        let white = [1.142131, 0.492256, -0.574703, -1.059685]
        #expect(zip(found.advantages, white).allSatisfy { abs($0 - $1) < 5e-4 })
    }

    @Test func `whitening matches the published vector and may keep the mean`() {
        // To the digits that are published of the input.
        let values = [0.78162, 0.72802, 0.64, 0.6]
        let white = Whitening.batch(values)
        #expect(abs(white.reduce(0, +)) < 1e-12)
        #expect(abs(Moments(white).deviation - 1) < 1e-5)
        let scaled = Whitening.scale(values)
        #expect(abs(Moments(scaled).mean - 0.68741) < 1e-12)
        #expect(zip(white, scaled).allSatisfy { abs($0 + 0.68741 - $1) < 1e-12 })
        #expect(Whitening.none(values) == values)
        #expect(Whitening.batch([3]) == [0] && Whitening.scale([3]) == [3])
        #expect(Whitening.batch([]) == [])
    }

    @Test func `advantages are whitened over the trained tokens of what is kept, then clipped`()
        throws
    {
        let completions = [
            StageCompletion(reward: 1, length: 1), StageCompletion(reward: 3, length: 3),
            StageCompletion(reward: -9, length: 50),
        ]
        let found = try advantages("return_to_go", completions) {
            $0.filters = [NamedParameters(name: "rank", parameters: ["keep": "best"])]
            $0.whiten = .batch
        }
        #expect(found[1] == [0, 0, 0])
        let both = try advantages("return_to_go", Array(completions[..<2])) {
            $0.whiten = .batch
            $0.advantageClip = 0.75
        }
        // One token of 1 and three of 3: mean 2.5, deviation 1.
        #expect(StageFixtures.isClose(both[0], [-0.75]))
        #expect(StageFixtures.isClose(both[1], [0.5, 0.5, 0.5], 1e-7))
    }

    @Test func `the group's mean comes off before the return is taken`() throws {
        let completions = [ratios, StageCompletion(reward: 3, length: 2)]
        let found = try advantages(
            "return_to_go",
            completions,
            given: ["baseline": "group_mean", "gamma": 0.5]
        )
        #expect(found == [[-0.25, -0.5, -1], [0.5, 1]])
    }

    @Test func `macro actions share rewards, values and advantages; the last token stands alone`()
        throws
    {
        var completion = StageFixtures.completion(
            2,
            old: [-1, -2, -3, -4],
            reference: [-1.5, -1.5, -3, -5]
        )
        completion.values = [0, 1, 0.5, 0.25]
        let macro = NamedParameters(name: "macro", parameters: ["length": 2])
        let pipeline = try StageFixtures.pipeline("gae", ["gae_lambda": 1]) {
            $0.credit = macro
            $0.rewardKL = RewardKLSpec(coefficient: 1)
        }
        let found = try pipeline.process(StageInput([StageGroup(id: 0, [completion])])).groups[0][0]
        // d = 0.5, -0.5, 0, 1; actions {0, 1}, {2}, {3} with rewards 0, 0, 1 and values 0.5, 0.5,
        // 0.25.
        #expect(StageFixtures.isClose(found.advantages, [0.5, 0.5, 0.5, 0.75]))
        #expect(StageFixtures.isClose(try #require(found.returns), [1, 1, 1, 1]))
        let lone = try advantages("return_to_go", [StageCompletion(reward: 2, length: 1)]) {
            $0.credit = macro
        }
        #expect(lone == [[2]])
        let faults = #expect(throws: Faults.self) {
            try StageFixtures.pipeline("group_mean") { $0.credit = macro }
        }
        #expect(faults?.list.map(\.path) == ["$.stages.credit"])
    }

    @Test func `dense rewards are weighed, clipped and summed up`() throws {
        var completion = StageCompletion(reward: 2, length: 3)
        completion.tokenRewards = [0.1, -0.4, 0.2]
        let parameters: Value = ["coefficient": 2, "outcome_coefficient": 0.5, "clip": 0.5]
        let dense = NamedParameters(name: "dense", parameters: parameters)
        let found = try advantages("return_to_go", [completion]) { $0.credit = dense }
        #expect(StageFixtures.isClose(found[0], [1.1, 0.9, 1.4]))
        completion.tokenRewards = nil
        let missing = #expect(throws: HoneError.self) {
            try advantages("return_to_go", [completion]) { $0.credit = dense }
        }
        #expect(missing?.param == "token_rewards")
    }

    @Test func `a constraint mixes in the cost's advantages, with one KL in all`() throws {
        var first = StageFixtures.completion(1, old: [-1], reference: [-2])
        var second = StageFixtures.completion(0, old: [-1], reference: [-1])
        (first.cost, second.cost) = (3, 1)
        let lagrange = NamedParameters(
            name: "lagrange",
            parameters: ["cost": "harm", "initial": 3]
        )
        let found = try advantages("group_mean", [first, second]) {
            $0.controllers = [lagrange]
            $0.rewardKL = RewardKLSpec(coefficient: 0.1)
        }
        // Rewards 0.9 and 0, costs 3.1 and 1: (0.45 - 3 * 1.05) / 4.
        #expect(StageFixtures.isClose(found[0], [-0.675]))
        let missing = try advantages("group_mean", [first, StageCompletion(reward: 9, length: 1)]) {
            $0.controllers = [lagrange]
        }
        #expect(missing == [[0], [0]])
    }

    @Test func `beside values a cost's advantage is what is to come less the group's mean`() throws
    {
        var completions = [
            StageCompletion(reward: 1, length: 2), StageCompletion(reward: 0, length: 2),
        ]
        for (place, cost) in [3.0, 1].enumerated() {
            completions[place].cost = cost
            completions[place].values = [0, 0]
        }
        let constraint: Value = ["cost": "harm", "initial": 3]
        let pipeline = try StageFixtures.pipeline("gae", ["gamma": 1, "gae_lambda": 1]) {
            $0.controllers = [NamedParameters(name: "lagrange", parameters: constraint)]
        }
        let output = try pipeline.process(StageInput([StageGroup(id: 0, completions)]))
        // (1 - 3 * (3 - 2)) / 4 and (0 - 3 * (1 - 2)) / 4; the values learn the reward alone.
        #expect(StageFixtures.isClose(output.groups[0][0].advantages, [-0.5, -0.5]))
        #expect(StageFixtures.isClose(output.groups[0][1].advantages, [0.75, 0.75]))
        #expect(output.groups[0].map(\.returns) == [[1, 1], [0, 0]])
    }

    @Test func `controllers set the KL's coefficient from what earlier iterations tell`() throws {
        let pipeline = try StageFixtures.pipeline("return_to_go") {
            $0.rewardKL = RewardKLSpec(coefficient: 0.2)
            $0.controllers = [NamedParameters(name: "adaptive_kl")]
        }
        var input = StageInput([StageGroup(id: 0, [ratios])])
        input.history = [["rollout/kl": 20, "rollout/completions": 512]]
        let found = try pipeline.process(input)
        #expect(abs((found.metrics["stages/kl_coefficient"] ?? 0) - 0.202048) < 1e-7)
        #expect(abs(found.groups[0][0].advantages[1] - (1 + 0.202048 * 0.5)) < 1e-6)
        #expect(found.metrics["rollout/kl"] == 0 && found.metrics["rollout/completions"] == 1)
        #expect(abs((found.metrics["rollout/entropy"] ?? 0) - 3.5 / 3) < 1e-15)
    }

    @Test func `a greedy completion is transformed as the others, and must be scored`() throws {
        let clip: (inout StageSpec) -> Void = {
            $0.rewards = [NamedParameters(name: "clip", parameters: ["low": 0, "high": 1])]
        }
        let found = try advantages(
            "greedy_baseline",
            [StageCompletion(reward: 0.5, length: 1)],
            greedy: 7,
            clip
        )
        #expect(found == [[-0.5]])
        let far = [StageCompletion(reward: 90, length: 1)]
        #expect(try advantages("greedy_baseline", far, greedy: 7) == [[5]])
        let pipeline = try StageFixtures.pipeline("greedy_baseline")
        var group = StageGroup(id: 0, far)
        #expect(throws: HoneError.self) { try pipeline.process(StageInput([group])) }
        group.greedy = StageCompletion(reward: nil, length: 1)
        let output = try pipeline.process(StageInput([group]))
        #expect(output.kept == [[false]])
    }

    @Test func `controllers that cannot work are refused with their place`() {
        for (advantage, names, kl) in [
            ("group_mean", ["adaptive_kl"], 0), ("group_mean", ["adaptive_entropy"], 0),
            ("group_mean", ["adaptive_kl", "adaptive_kl"], 0.1),
        ] as [(String, [String], Double)] {
            let faults = #expect(throws: Faults.self) {
                try StageFixtures.pipeline(advantage) { stages in
                    stages.rewardKL = RewardKLSpec(coefficient: kl)
                    stages.controllers = names.map { NamedParameters(name: $0) }
                }
            }
            #expect(faults?.list.map(\.path) == ["$.stages.controllers[\(names.count - 1)]"])
        }
    }
}
