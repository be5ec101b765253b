import Domain
import Foundation
import Testing

extension EndToEndTests {
    /// Online runs that learn from whole groups.
    @Suite struct GroupTests {
        /// The contract's names for such a run.
        private static let metricNames = [
            "reward/mean", "reward/std", "policy/loss", "policy/kl", "policy/token_kl",
            "policy/entropy", "policy/clip_fraction", "rollout/completion_length",
            "rollout/truncated_fraction", "rollout/staleness_max", "rollout/staleness",
            "rollout/groups", "rollout/dropped_groups", "rollout/tied_groups",
            "optimizer/gradient_norm", "parity/logprob_abs_diff_max",
            "throughput/tokens_per_second", "time/sample_seconds", "time/score_seconds",
            "time/update_seconds",
        ]

        @Test func `an update of the run is that of the learner called directly`() async throws {
            try await Honed.with { honed in
                let spec = Specs.groups("loop", iterations: 1).with(["prompts_per_iteration": 1])
                try await honed.submit(spec)
                try await honed.wait("loop")
                let iterations = try await honed.get("/v1/runs/loop/metrics").data
                let metrics = iterations.last?["metrics"]?.objectValue ?? [:]
                let missing = Self.metricNames.filter { metrics[$0]?.doubleValue == nil }
                #expect(missing.isEmpty, "of \(metrics.keys.sorted())")
                #expect((metrics["parity/logprob_abs_diff_max"]?.doubleValue ?? 1) <= 1e-3)
                let group = try await honed.get("/v1/runs/loop/rollouts?purpose=training").data
                try await Self.updateDirectly(honed, group)
                let learned = try Self.weights(honed, "loop")
                #expect(learned == (try Self.weights(honed, "mine")))
            }
        }

        /// One step on the run's own rollouts, with the advantages of the paper's equation.
        private static func updateDirectly(_ honed: Honed, _ group: [Value]) async throws {
            let rewards = group.compactMap { $0["reward"]?.doubleValue }
            try #require(group.count == 4 && rewards.count == 4 && Set(rewards).count > 1)
            let mean = rewards.reduce(0, +) / 4
            let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / 3).squareRoot()
            let completions = zip(group, rewards).map { rollout, reward -> Value in
                let tokens = rollout["tokens"]?.arrayValue ?? []
                let advantage = Value.number((reward - mean) / (deviation + 1e-4))
                return [
                    "tokens": .array(tokens), "reward": .number(reward),
                    "advantages": .array(tokens.map { _ in advantage }),
                    "old_logprobs": rollout["logprobs"] ?? [],
                    "behavior_logprobs": rollout["sampling_logprobs"] ?? [],
                    "reference_logprobs": rollout["reference_logprobs"] ?? [],
                ]
            }
            try await honed.submit(
                Specs.external("mine").with(["objective": ["name": "grpo"], "seed": 3])
            )
            try await honed.wait("mine", "running")
            let prompt = group.first?["prompt_tokens"] ?? []
            let batch: Value = [
                "groups": [["prompt": prompt, "completions": .array(completions)]]
            ]
            let reply = try await honed.post("/v1/updates", ["run": "mine", "batch": batch])
            try #require(reply.status == 200 && reply["policy_version"] == 1, "\(reply)")
            try await honed.wait("mine", checkpoint: 1)
        }

        private static func weights(_ honed: Honed, _ run: String) throws -> Data {
            let runs = URL(fileURLWithPath: honed.data + "/runs")
            let folders = try FileManager.default.contentsOfDirectory(atPath: runs.path)
            let folder = try #require(
                folders.first { name in
                    let spec = runs.appendingPathComponent("\(name)/spec.json")
                    let text = try? String(contentsOf: spec, encoding: .utf8)
                    return text?.contains("\"\(run)\"") == true
                }
            )
            return try Data(
                contentsOf: runs.appendingPathComponent(
                    "\(folder)/checkpoints/step-000001/model.safetensors"
                )
            )
        }

        @Test func `rewards of groups rise`() async throws {
            try await Honed.with { honed in
                let spec = Specs.groups("loop", iterations: 12).with([
                    "objective": ["name": "reinforce"], "prompts_per_iteration": 6,
                    "minibatch_size": 6, "optimizer": ["learning_rate": 1e-2],
                ])
                try await honed.submit(spec)
                try await honed.wait("loop")
                let rewards = try await honed.get("/v1/runs/loop/metrics").data.compactMap {
                    $0["metrics"]?["reward/mean"]?.doubleValue
                }
                try #require(rewards.count == 12)
                #expect(rewards.suffix(3).reduce(0, +) > rewards.prefix(3).reduce(0, +))
            }
        }

        @Test func `methods run through their stages, and a spec changes them`() async throws {
            try await Honed.with { honed in
                try await honed.submit(
                    Specs.groups("plus", iterations: 2).with([
                        "objective": ["name": "reinforce_plus_plus"],
                        "stages": [
                            "rewards": [["name": "running_normalise"]],
                            "controllers": [["name": "adaptive_kl", "target": 0.001]],
                        ],
                    ])
                )
                try await honed.submit(
                    Specs.groups("greedy", iterations: 1).with(["objective": ["name": "remax"]])
                )
                try await honed.wait("plus")
                let metrics = try await honed.get("/v1/runs/plus/metrics").data
                    .compactMap { $0["metrics"]?.objectValue }
                    .filter { $0["advantage/std"] != nil }
                try #require(metrics.count == 2)
                for name in [
                    "reward/transformed_mean", "reward/kl_penalty", "rollout/kl", "rollout/entropy",
                    "stages/rewards_0_squares", "stages/kl_coefficient",
                ] {
                    #expect(metrics.allSatisfy { $0[name]?.doubleValue != nil }, "\(name)")
                }
                let coefficients = metrics.compactMap { $0["stages/kl_coefficient"]?.doubleValue }
                #expect(coefficients[0] == 0.01 && coefficients[1] != 0.01)
                try await honed.wait("greedy")
                let rollouts = try await honed.get("/v1/runs/greedy/rollouts?purpose=training").data
                let places = Set(rollouts.compactMap { $0["sample_index"]?.integerValue })
                #expect(places == [0, 1, 2, 3, 4], "\(rollouts.first ?? .null)")
            }
        }

        @Test func `what a group objective cannot have is named`() async throws {
            try await Honed.with { honed in
                let cases: [(Value, String)] = [
                    (["advantage": ["name": "gae"]], "$.advantage.name"),
                    (["objective": ["name": "modpo"]], "$.objective.name"),
                    (["stages": ["filters": [["name": "ranck"]]]], "$.stages.filters[0].name"),
                    (["max_staleness": 1, "reference": "previous_iteration"], "$.reference"),
                ]
                for (change, path) in cases {
                    let spec = Specs.groups("bad").with(change.objectValue ?? [:])
                    let reply = try await honed.post("/v1/runs", spec)
                    #expect(reply.status == 400 && reply.faultPaths == [path], "\(reply)")
                }
            }
        }
    }
}
