import Domain
import Foundation
import Objectives
import Testing

/// What the stages must keep, whichever they are.
@Suite struct AdvantagePipelineTests {
    static let estimators = AdvantageCatalogue.all.map { $0.name }
    static let shiftless = [
        "group_relative", "group_mean", "leave_one_out", "self_play_win_rate",
        "length_weighted_mean", "best_minus_second", "batch_mean", "greedy_baseline",
    ]

    private func process(
        _ advantage: String,
        _ input: StageInput,
        _ set: (inout StageSpec) -> Void = { _ in }
    ) throws -> StageOutput {
        try StageFixtures.pipeline(advantage, [:], set).process(input)
    }

    private func changed(_ change: (inout StageGroup, Int) -> Void) -> StageInput {
        var input = StageFixtures.iteration()
        for place in input.groups.indices { change(&input.groups[place], place) }
        return input
    }

    @Test(arguments: ["group_relative", "group_mean", "leave_one_out", "self_play_win_rate"])
    func `without stages the advantages are the estimator's own, to the bit`(
        _ name: String
    )
        throws
    {
        let input = StageFixtures.iteration()
        let output = try process(name, input)
        for (group, found) in zip(input.groups, output.finals) {
            let rewards = AdvantageInput(rewards: group.completions.map(\.reward))
            #expect(try StageFixtures.estimator(name).advantages(rewards) == found)
        }
        #expect(output.kept.joined().allSatisfy { $0 })
    }

    @Test(arguments: shiftless)
    func `a shift of a prompt's rewards changes no advantage`(_ name: String) throws {
        let plain = try process(name, StageFixtures.iteration())
        let shifted = changed { group, place in
            let shift = name == "batch_mean" ? 3 : Double(place) * 2 - 1
            for sample in group.completions.indices { group.completions[sample].reward? += shift }
            group.greedy?.reward? += shift
        }
        let found = try process(name, shifted)
        #expect(StageFixtures.isClose(found.advantages, plain.advantages))
    }

    @Test func `a rescale of rewards leaves the standardised and scales the others`() throws {
        let scaled = changed { group, _ in
            for sample in group.completions.indices { group.completions[sample].reward? *= 4 }
        }
        let exact = try StageFixtures.pipeline("group_relative", ["epsilon": 0])
        let relative = try exact.process(StageFixtures.iteration())
        let same = try exact.process(scaled)
        #expect(StageFixtures.isClose(same.advantages, relative.advantages))
        for name in ["group_mean", "leave_one_out", "length_weighted_mean", "best_minus_second"] {
            let plain = try process(name, StageFixtures.iteration())
            let found = try process(name, scaled)
            #expect(StageFixtures.isClose(found.advantages, plain.advantages.map { $0 * 4 }))
        }
    }

    @Test func `the advantages of a group or batch sum to nothing`() throws {
        for name in ["group_relative", "group_mean", "leave_one_out"] {
            for finals in try process(name, StageFixtures.iteration()).finals {
                #expect(abs(finals.reduce(0, +)) < 1e-12)
            }
        }
        let batch = try process("batch_mean", StageFixtures.iteration()).finals
        #expect(abs(batch.joined().reduce(0, +)) < 1e-12)
    }

    @Test func `leave one out is k over k minus one times the mean's, with the KL as well`() throws
    {
        let kl: (inout StageSpec) -> Void = { $0.rewardKL = RewardKLSpec(coefficient: 0.1) }
        let mean = try process("group_mean", StageFixtures.iteration(), kl)
        let others = try process("leave_one_out", StageFixtures.iteration(), kl)
        #expect(
            StageFixtures.isClose(others.advantages, mean.advantages.map { $0 * 5 / 4 })
        )
    }

    /// A token that the policy did not write, with numbers that would show.
    private func masked(_ completion: StageCompletion) -> StageCompletion {
        var result = completion
        func inserted(_ list: [Double]?) -> [Double]? {
            list.map { Array($0[..<2]) + [77, 99] + Array($0[2...]) }
        }
        result.length += 2
        result.oldLogprobs = inserted(completion.oldLogprobs)
        result.referenceLogprobs = inserted(completion.referenceLogprobs)
        result.values = inserted(completion.values)
        result.tokenRewards = inserted(completion.tokenRewards)
        result.mask = [1, 1, 0, 0] + [Double](repeating: 1, count: completion.length - 2)
        return result
    }

    private static let variants: [@Sendable (inout StageSpec) -> Void] = [
        { _ in },
        { stages in
            stages.rewardKL = RewardKLSpec(coefficient: 0.3, estimator: .k3)
            stages.rewards = [
                NamedParameters(name: "length_penalty", parameters: ["coefficient": 0.1]),
                NamedParameters(name: "running_normalise"), NamedParameters(name: "lsc"),
            ]
            stages.whiten = .batch
            stages.advantageClip = 1
        },
        { stages in
            stages.credit = NamedParameters(name: "dense")
            stages.filters = [
                NamedParameters(name: "rank"), NamedParameters(name: "small_advantage"),
            ]
            stages.whiten = .scale
            let cost: Value = ["cost": "harm"]
            stages.controllers = [NamedParameters(name: "lagrange", parameters: cost)]
        },
    ]

    /// Every estimator under every variant that it can be in.
    private static let cases: [(name: String, variant: Int)] = estimators.flatMap { name in
        variants.indices.filter { name != "gae" || $0 < 2 }.map { (name, $0) }
    }

    @Test(arguments: cases)
    func `masked tokens change nothing and get nothing`(_ name: String, _ variant: Int) throws {
        let plain = try process(name, StageFixtures.iteration(), Self.variants[variant])
        let input = changed { group, _ in
            group.completions = group.completions.map(masked)
        }
        let found = try process(name, input, Self.variants[variant])
        #expect(found.metrics == plain.metrics)
        for (left, right) in zip(found.groups.joined(), plain.groups.joined()) {
            #expect(left.reward == right.reward && left.weight == right.weight)
            #expect(left.advantages[2] == 0 && left.advantages[3] == 0)
            var advantages = left.advantages
            advantages.removeSubrange(2..<4)
            #expect(advantages == right.advantages)
        }
    }

    @Test(arguments: cases)
    func `the order of groups does not matter`(_ name: String, _ variant: Int) throws {
        let plain = try process(name, StageFixtures.iteration(), Self.variants[variant])
        var input = StageFixtures.iteration()
        input.groups.reverse()
        let found = try process(name, input, Self.variants[variant])
        #expect(found.kept == plain.kept.reversed())
        for (left, right) in zip(found.groups.reversed().joined(), plain.groups.joined()) {
            #expect(StageFixtures.isClose(left.advantages, right.advantages))
        }
        for (name, value) in plain.metrics {
            #expect(StageFixtures.isClose(found.metrics[name] ?? .nan, value), "\(name)")
        }
    }

    @Test(arguments: cases)
    func `an unscored completion is as if it were not there`(
        _ name: String,
        _ variant: Int
    )
        throws
    {
        let plain = try process(name, StageFixtures.iteration(), Self.variants[variant])
        let input = changed { group, _ in
            var unscored = group.completions[0]
            unscored.reward = nil
            group.completions.append(unscored)
            unscored.reward = .nan
            group.completions.append(unscored)
        }
        let found = try process(name, input, Self.variants[variant])
        for (left, right) in zip(found.groups, plain.groups) {
            #expect(Array(left.dropLast(2)) == right)
            for added in left.suffix(2) {
                #expect(added.reward == nil && !added.isKept)
                #expect(added.advantages.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(arguments: cases)
    func `everything is finite, also of equal rewards, lone completions and nothing`(
        _ name: String,
        _ variant: Int
    ) throws {
        let equal = changed { group, _ in
            for sample in group.completions.indices { group.completions[sample].reward = 0.1 }
        }
        let lone = changed { group, _ in group.completions.removeLast(4) }
        let none = changed { group, _ in group.completions = [] }
        for input in [equal, lone, none, StageInput([])] {
            let output = try process(name, input, Self.variants[variant])
            #expect(output.advantages.allSatisfy { $0.isFinite })
            #expect(output.metrics.values.allSatisfy { $0.isFinite })
            #expect(output.groups.map(\.count) == input.groups.map(\.completions.count))
        }
    }

    @Test func `equal rewards teach nothing`() throws {
        let equal = changed { group, _ in
            for sample in group.completions.indices { group.completions[sample].reward = 0.1 }
        }
        for name in ["group_relative", "group_mean", "leave_one_out", "best_minus_second"] {
            let found = try process(name, equal).advantages
            #expect(found.allSatisfy { abs($0) < 1e-15 }, "\(name)")
        }
    }

    @Test func `a completion without trained tokens is left out`() throws {
        let input = changed { group, _ in
            group.completions[0].mask = [Double](repeating: 0, count: group.completions[0].length)
        }
        let found = try process("group_mean", input)
        let without = changed { group, _ in group.completions.removeFirst() }
        let expected = try process("group_mean", without)
        #expect(found.kept.allSatisfy { $0 == [false, true, true, true, true] })
        #expect(found.finals.map { Array($0.dropFirst()) } == expected.finals)
    }
}
