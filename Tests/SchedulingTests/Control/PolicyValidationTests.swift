import Domain
import Testing

@testable import Scheduling

/// References, value models and stop rules that go with a run, and those that do not.
struct PolicyValidationTests {
    private func faults(
        _ change: @Sendable (inout RunSpec) -> Void
    ) async throws -> [String] {
        let bench = try await Bench()
        var spec = bench.groups()
        spec.objective = NamedParameters(name: "dr_grpo")
        change(&spec)
        return try await bench.faults(spec).map(\.path)
    }

    @Test func `a run without a reference compares with none`() async throws {
        #expect(try await faults { $0.reference = .absent }.isEmpty)
        let named: [(String, @Sendable (inout RunSpec) -> Void)] = [
            ("dpo", { $0.objective = NamedParameters(name: "dpo") }),
            ("kto", { $0.objective = NamedParameters(name: "kto") }),
            ("max_kl", { $0.stop.maxKL = 1 }),
            (
                "reward_kl",
                {
                    var stages = StageSpec()
                    stages.rewardKL = RewardKLSpec(coefficient: 0.1, estimator: .k1)
                    $0.stages = stages
                }
            ),
        ]
        for (name, change) in named {
            let found = try await faults {
                $0.reference = .absent
                change(&$0)
            }
            #expect(found == ["$.reference"], "\(name)")
        }
    }

    @Test func `an average has no place in a lane of its own, nor in fixed data`() async throws {
        #expect(try await faults { $0.reference = .average(decay: 0.9) }.isEmpty)
        let late = try await faults {
            $0.reference = .average(decay: 0.9)
            $0.maxStaleness = 1
        }
        #expect(late == ["$.reference"])
        let offline = try await faults {
            $0.kind = .offline
            $0.objective = NamedParameters(name: "dpo")
            $0.prompts = nil
            $0.data = .items([["prompt": "a", "chosen": "b", "rejected": "c"]])
            $0.reward = nil
            $0.reference = .average(decay: 0.9)
        }
        #expect(offline == ["$.reference"])
    }

    @Test func `a soup's models are known language models`() async throws {
        let good = try await faults { $0.reference = .soup(models: ["tiny", "tiny"], weights: []) }
        #expect(good.isEmpty)
        let bad = try await faults {
            $0.reference = .soup(models: ["tinny", "judge"], weights: [1, 2])
        }
        #expect(bad == ["$.reference.soup[0]", "$.reference.soup[1]"])
    }

    @Test func `a value model belongs to an objective that trains values`() async throws {
        let unread = try await faults { $0.valueModel = ValueModelSpec() }
        #expect(unread == ["$.value_model"])
        let good = try await faults {
            $0.objective = NamedParameters(name: "ppo", parameters: ["value_coefficient": 0.5])
            $0.valueModel = ValueModelSpec()
            $0.valueModel?.name = .separate
            $0.valueModel?.model = "judge"
            $0.valueModel?.warmupIterations = 1
        }
        #expect(good.isEmpty)
        let bad = try await faults {
            $0.objective = NamedParameters(name: "ppo", parameters: ["value_coefficient": 0.5])
            $0.valueModel = ValueModelSpec()
            $0.valueModel?.model = "jugde"
            $0.valueModel?.warmupIterations = 2
        }
        #expect(
            Set(bad) == ["$.value_model.model", "$.value_model.warmup_iterations"]
        )
    }

    @Test func `stop rules look at what the run measures`() async throws {
        let gold = try await faults {
            $0.stop.maxGoldDrop = 1
            $0.evaluation?.rewards = []
        }
        #expect(gold == ["$.stop.max_gold_drop"])
        let good = try await faults {
            $0.stop.maxGoldDrop = 1
            $0.stop.maxLength = 10
            $0.stop.minEntropy = 0.1
        }
        #expect(good.isEmpty)
    }

    @Test func `a mode of correction without a cap is refused`() async throws {
        let found = try await faults {
            $0.objective = NamedParameters(name: "grpo", parameters: ["importance_mode": "mask"])
        }
        #expect(found == ["$.objective.importance_mode"])
        let good = try await faults {
            let parameters: Value = ["importance_mode": "mask", "importance_cap": 2]
            $0.objective = NamedParameters(name: "grpo", parameters: parameters)
        }
        #expect(good.isEmpty)
    }
}
