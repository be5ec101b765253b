import Domain
import Foundation
import Testing

extension EndToEndTests {
    /// Runs with other references, opponents and value models, on a real model.
    @Suite struct PolicyTests {
        private static func metrics(_ spec: Value) async throws -> [[String: Value]] {
            try await Honed.with { honed in
                try await honed.submit(spec)
                try await honed.wait("loop")
                return try await honed.get("/v1/runs/loop/metrics").data
                    .compactMap { $0["metrics"]?.objectValue }
                    .filter { $0["policy/loss"] != nil }
            }
        }

        @Test func `nash_md learns against a mixture, and the mixture is measured`() async throws {
            let found = try await Self.metrics(
                Specs.groups("loop", iterations: 2).with([
                    "objective": ["name": "nash_md"], "opponent": ["mixture": 0.25, "count": 2],
                ])
            )
            try #require(found.count == 2)
            for metrics in found {
                let rate = try #require(metrics["opponent/win_rate"]?.doubleValue)
                #expect((0...1).contains(rate))
                #expect(metrics["opponent/reward_mean"]?.doubleValue != nil)
                #expect((metrics["parity/logprob_abs_diff_max"]?.doubleValue ?? 1) <= 1e-3)
            }
        }

        @Test func `xpo explores with the reference's own completions`() async throws {
            try await Honed.with { honed in
                try await honed.submit(
                    Specs.online("loop", iterations: 2).with([
                        "objective": ["name": "xpo"], "opponent": ["mixture": 1],
                    ])
                )
                try await honed.wait("loop")
                let rollouts = try await honed.get(
                    "/v1/runs/loop/rollouts?purpose=training&limit=1000"
                ).data
                let opposing = rollouts.filter { $0["sample_index"]?.integerValue == 4 }
                #expect(opposing.count == 8)
                for rollout in opposing {
                    let drawn = rollout["sampling_logprobs"]?.arrayValue ?? []
                    let reference = rollout["reference_logprobs"]?.arrayValue ?? []
                    try #require(drawn.count == reference.count && !drawn.isEmpty)
                    for (one, other) in zip(drawn, reference) {
                        #expect(
                            abs((one.doubleValue ?? 0) - (other.doubleValue ?? 9)) < 1e-3
                        )
                    }
                }
            }
        }

        @Test func `an average, a soup and no reference at all`() async throws {
            let grpo: Value = ["objective": ["name": "grpo", "kl_coefficient": 0.1]]
            let base = Specs.groups("loop", iterations: 2).with(grpo.objectValue ?? [:])
            let initial = try await Self.metrics(base)
            let average = try await Self.metrics(base.with(["reference": ["ema": 0.5]]))
            let soup = try await Self.metrics(
                base.with(["reference": ["soup": ["tiny", "tiny"], "weights": [1, 2]]])
            )
            func kl(_ found: [[String: Value]]) -> Double? {
                found.last?["policy/kl"]?.doubleValue
            }
            // A soup of one model twice is that model, rounding aside; an average comes closer.
            let (far, near) = (try #require(kl(initial)), try #require(kl(average)))
            #expect(abs(try #require(kl(soup)) - far) < 1e-3)
            #expect(near != far)
            let none = try await Self.metrics(
                Specs.groups("loop", iterations: 1).with([
                    "reference": "none", "objective": ["name": "dr_grpo"],
                ])
            )
            #expect(none.last?["policy/kl"] == nil && none.count == 1)
        }

        @Test func `a value model of its own warms up before the policy moves`() async throws {
            let found = try await Self.metrics(
                Specs.groups("loop", iterations: 2).with([
                    "objective": ["name": "ppo", "value_coefficient": 0.5],
                    "value_model": ["name": "separate", "warmup_iterations": 1],
                    "update_epochs": 3,
                ])
            )
            try #require(found.count == 2)
            #expect(found[0]["optimizer/gradient_norm"]?.doubleValue == 0)
            #expect((found[1]["optimizer/gradient_norm"]?.doubleValue ?? 0) > 0)
            #expect(found.allSatisfy { ($0["value/gradient_norm"]?.doubleValue ?? 0) > 0 })
        }

        @Test func `completions are chosen by a reward, or searched for`() async throws {
            try await Honed.with { honed in
                let common: Value = ["model": "tiny", "prompts": ["ab", "cde"]]
                let best = try await honed.post(
                    "/v1/rollouts",
                    common.with([
                        "n": 2, "reward": Specs.vowels,
                        "sampling": ["strategy": "best_of_n", "candidates": 8, "max_tokens": 8],
                    ])
                )
                let chosen = best["data"]?.arrayValue ?? []
                #expect(chosen.count == 4, "\(best)")
                #expect(
                    chosen.allSatisfy { $0["candidates"] == 8 && $0["reward"]?.doubleValue != nil }
                )
                let search: Value = ["strategy": "beam", "width": 3, "max_tokens": 6]
                let beam = common.with(["n": 2, "sampling": search])
                let found = try await honed.post("/v1/rollouts", beam)
                #expect(found["data"]?.arrayValue?.count == 4, "\(found)")
                #expect(found["data"] == (try await honed.post("/v1/rollouts", beam))["data"])
            }
        }
    }
}
