import APITypes
import Domain
import Testing

@Suite struct StageSchemaTests {
    private func spec(_ stages: Value?) throws(Faults) -> RunSpec {
        var fields = RunSpecReaderTests.online.objectValue ?? [:]
        fields["objective"] = ["name": "grpo"]
        fields["stages"] = stages
        return try RunSpecReader.read(.object(fields))
    }

    private static let all: Value = [
        "rewards": [["name": "clip", "low": -5.5], ["name": "sigmoid"]],
        "reward_kl": ["coefficient": 0.05, "estimator": "abs"],
        "credit": ["name": "macro", "length": 3],
        "filters": [["name": "rank", "keep": "best"]],
        "whiten": "batch",
        "advantage_clip": 2.5,
        "whiten_rewards": true,
        "controllers": [["name": "adaptive_kl", "target": 3.5]],
    ]

    @Test(arguments: [all, [:], ["rewards": []], ["reward_kl": ["coefficient": 0.5]]])
    func `stages are read and written`(_ written: Value) throws {
        let spec = try spec(written)
        let text = RunSpecWriter.value(spec)
        #expect(try RunSpecReader.read(text) == spec)
        var expected = written.objectValue ?? [:]
        if let kl = expected["reward_kl"], kl["estimator"] == nil {
            expected["reward_kl"] = ["coefficient": 0.5, "estimator": "k1"]
        }
        #expect(text["stages"] == .object(expected))
    }

    @Test func `what is not said is left to the method`() throws {
        #expect(try spec(nil).stages == nil)
        let stages = try #require(try spec(["whiten": "scale"]).stages)
        #expect(stages.whiten == .scale && stages.rewards == nil && stages.rewardKL == nil)
        let full = try #require(try spec(Self.all).stages)
        #expect(full.rewards?.map(\.name) == ["clip", "sigmoid"])
        #expect(full.rewardKL == RewardKLSpec(coefficient: 0.05, estimator: .abs))
        #expect(full.credit?.parameters == ["length": 3])
    }

    @Test func `faults of stages have their paths`() {
        let bad: Value = [
            "rewards": [["low": 1]], "reward_kl": ["estimator": "k9"], "whiten": "white",
            "advantage_clip": 0, "filter": [],
        ]
        let faults = #expect(throws: Faults.self) { try spec(bad) }
        #expect(
            Set(faults?.list.map(\.path) ?? []) == [
                "$.stages.rewards[0].name", "$.stages.reward_kl.coefficient",
                "$.stages.reward_kl.estimator", "$.stages.whiten", "$.stages.advantage_clip",
                "$.stages.filter",
            ]
        )
        let offline: Value = [
            "name": "pairs", "kind": "offline", "model": "smol", "data": ["file": "x"],
            "stages": ["whiten": "batch"],
        ]
        let other = #expect(throws: Faults.self) { try RunSpecReader.read(offline) }
        #expect(other?.list.map(\.path) == ["$.stages"])
    }
}
