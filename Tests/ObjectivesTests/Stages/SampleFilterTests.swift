import Domain
import Objectives
import Testing

@Suite struct SampleFilterTests {
    private func output(
        _ filters: [NamedParameters],
        _ groups: [StageGroup],
        seed: UInt64 = 0,
        iteration: Int = 1,
        advantage: String = "group_mean"
    ) throws -> StageOutput {
        var input = StageInput(groups)
        input.seed = seed
        input.iteration = iteration
        return try StageFixtures.pipeline(advantage) { $0.filters = filters }.process(input)
    }

    private func filter(_ name: String, _ parameters: Value = [:]) -> [NamedParameters] {
        [NamedParameters(name: name, parameters: parameters)]
    }

    @Test func `groups of equal rewards are dropped and counted`() throws {
        let groups = [
            StageFixtures.group(0, [1, nil, 1]), StageFixtures.group(1, [1, 0, nil]),
            StageFixtures.group(2, [nil, 4, nil]),
        ]
        let found = try output(filter("zero_variance"), groups)
        #expect(
            found.kept == [[false, false, false], [true, true, false], [false, false, false]]
        )
        #expect(found.metrics["rollout/filtered_groups"] == 1)
        #expect(found.metrics["rollout/filtered_completions"] == 2)
        #expect(found.metrics["rollout/filtered_zero_variance"] == 2)
        let wide = try output(filter("zero_variance", ["tolerance": 1]), groups)
        #expect(wide.kept.joined().allSatisfy { !$0 })
    }

    @Test func `prompts that are too hard or too easy are dropped`() throws {
        let groups = [
            StageFixtures.group(0, [0, 0, 0, 1]), StageFixtures.group(1, [0, 0, 0, 0, 0, 1]),
            StageFixtures.group(2, [1, 1, nil]),
        ]
        let found = try output(filter("reward_range"), groups)
        #expect(found.kept.map { $0.contains(true) } == [true, false, false])
        #expect(found.metrics["rollout/filtered_groups"] == 2)
        #expect(found.metrics["rollout/filtered_completions"] == 8)
    }

    @Test func `what was cut off is not trained on but counts in its group's mean`() throws {
        var group = StageFixtures.group(0, [1, 2, 6])
        group.completions[2].isTruncated = true
        let found = try output(filter("truncated"), [group])
        #expect(found.kept == [[true, true, false]])
        #expect(found.finals[0][0] == -2 && found.finals[0][1] == -1)
    }

    @Test func `a rank filter keeps the best, with the worst or a random other`() throws {
        let groups = [StageFixtures.group(0, [3, nil, 1, 7, 2]), StageFixtures.group(1, [2, 2])]
        let best = try output(filter("rank", ["keep": "best"]), groups)
        #expect(best.kept == [[false, false, false, true, false], [true, false]])
        let ends = try output(filter("rank"), groups)
        #expect(ends.kept == [[false, false, true, true, false], [true, true]])
        let random = filter("rank", ["keep": "best_and_random"])
        var others: Set<Int> = []
        for seed in 0..<20 {
            let found = try output(random, groups, seed: UInt64(seed))
            let kept = found.kept[0].indices.filter { found.kept[0][$0] }
            #expect(kept.count == 2 && kept.contains(3) && !kept.contains(1))
            others.formUnion(kept)
            #expect(try output(random, groups, seed: UInt64(seed)) == found)
        }
        #expect(others == [0, 2, 3, 4])
    }

    @Test func `a random choice is the group's own, whatever the order, and differs by iteration`()
        throws
    {
        let random = filter("rank", ["keep": "best_and_random"])
        let groups = (0..<30).map { StageFixtures.group($0, [9, 1, 2, 3, 4]) }
        let forward = try output(random, groups, seed: 5)
        let backward = try output(random, groups.reversed(), seed: 5)
        #expect(backward.kept == forward.kept.reversed())
        #expect(Set(forward.kept).count > 1)
        #expect(try output(random, groups, seed: 5, iteration: 2).kept != forward.kept)
    }

    @Test func `small advantages and old policies are dropped`() throws {
        var group = StageFixtures.group(0, [1, 1.015, 4])
        let small = try output(filter("small_advantage", ["threshold": 1]), [group])
        #expect(small.kept == [[true, false, true]] || small.kept == [[true, true, true]])
        let tight = try output(filter("small_advantage", ["threshold": 1.5]), [group])
        #expect(tight.kept == [[false, false, true]])
        group.completions[1].lag = 2
        group.completions[2].lag = 1
        #expect(try output(filter("stale"), [group]).kept == [[true, false, true]])
        let strict = try output(filter("stale", ["maximum_lag": 0]), [group])
        #expect(strict.kept == [[true, false, false]])
    }

    @Test func `filters follow one another, each counted for what it took`() throws {
        var group = StageFixtures.group(0, [5, 1, 2, 3])
        group.completions[0].isTruncated = true
        let filters = filter("truncated") + filter("rank", ["keep": "best"])
        let found = try output(filters, [group])
        #expect(found.kept == [[false, false, false, true]])
        #expect(found.metrics["rollout/filtered_truncated"] == 1)
        #expect(found.metrics["rollout/filtered_rank"] == 2)
        #expect(found.metrics["rollout/filtered_groups"] == 0)
    }

    @Test(arguments: StageCatalogue.filters.map { $0.name })
    func `an unscored completion is never learned from`(_ name: String) throws {
        let groups = [StageFixtures.group(0, [1, nil, 0, .nan]), StageFixtures.group(1, [])]
        for advantage in ["group_mean", "batch_mean"] {
            let found = try output(filter(name), groups, advantage: advantage)
            #expect(!found.kept[0][1] && !found.kept[0][3] && found.kept[1].isEmpty)
            #expect(found.groups[0][1].advantages.allSatisfy { $0 == 0 })
        }
    }

    @Test func `a lone completion stays where it can be learned from`() throws {
        let lone = [StageFixtures.group(0, [3])]
        let kept = try output(filter("zero_variance"), lone, advantage: "batch_mean")
        #expect(kept.kept == [[true]])
        #expect(try output([], lone).kept == [[false]])
    }
}
