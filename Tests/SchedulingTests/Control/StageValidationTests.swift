import Domain
import Testing

@testable import Scheduling

struct StageValidationTests {
    private func faults(_ set: (inout RunSpec, inout StageSpec) -> Void) async throws -> [Fault] {
        let bench = try await Bench()
        var spec = bench.groups()
        var stages = StageSpec()
        set(&spec, &stages)
        spec.stages = stages
        return try await bench.faults(spec)
    }

    @Test func `stages that go together are accepted`() async throws {
        let found = try await faults { spec, stages in
            spec.advantage = NamedParameters(name: "return_to_go")
            stages.rewards = [NamedParameters(name: "par", parameters: ["references": [1, 2]])]
            stages.rewardKL = RewardKLSpec(coefficient: 0.1, estimator: .abs)
            stages.credit = NamedParameters(name: "macro")
            stages.filters = [NamedParameters(name: "zero_variance")]
            stages.whiten = .scale
            stages.advantageClip = 2
            let cost: Value = ["cost": "judge"]
            stages.controllers = [
                NamedParameters(name: "adaptive_kl"), NamedParameters(name: "adaptive_entropy"),
                NamedParameters(name: "lagrange", parameters: cost),
            ]
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `what runs do not have and nothing would read is refused by its path`() async throws
    {
        let cases: [([String], (inout RunSpec, inout StageSpec) -> Void)] = [
            (["$.stages.rewards[0]"], { $1.rewards = [NamedParameters(name: "par")] }),
            (["$.stages.credit"], { $1.credit = NamedParameters(name: "dense") }),
            (["$.stages.credit"], { $1.credit = NamedParameters(name: "macro") }),
            (["$.stages.filters[0].name"], { $1.filters = [NamedParameters(name: "ranck")] }),
            (
                ["$.stages.controllers[0].cost"],
                {
                    let cost: Value = ["cost": "harm"]
                    $1.controllers = [NamedParameters(name: "lagrange", parameters: cost)]
                }
            ),
            (
                ["$.reference"],
                {
                    $0.reference = .previousIteration
                    $1.rewardKL = RewardKLSpec(coefficient: 0.1)
                }
            ),
            (["$.stages"], { spec, _ in spec.objective = NamedParameters(name: "dpo") }),
            (
                ["$.stages.reward_kl", "$.stages.whiten", "$.stages.filters[1]"],
                { spec, stages in
                    spec.objective = NamedParameters(name: "lipo_lambda")
                    stages.rewardKL = RewardKLSpec(coefficient: 0.1)
                    stages.whiten = .batch
                    stages.filters = [
                        NamedParameters(name: "truncated"),
                        NamedParameters(name: "small_advantage"),
                    ]
                }
            ),
        ]
        for (paths, change) in cases {
            let found = try await faults(change)
            #expect(Set(found.map(\.path)) == Set(paths), "\(found)")
        }
    }

    @Test func `an estimator over tokens is for online runs`() async throws {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.kind = .offline
        spec.prompts = nil
        spec.reward = nil
        spec.evaluation = nil
        spec.data = .items([["prompt": "a", "completion": "b", "reward": 1]])
        spec.advantage = NamedParameters(name: "return_to_go")
        let plane = try await bench.plane()
        let found = try await plane.validate(spec).faults
        #expect(found.map(\.path) == ["$.advantage.name"], "\(found)")
    }
}
