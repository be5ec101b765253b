import Domain
import Foundation
import HTTP
import TestSupport
import Testing

extension EndToEndTests {
    /// Whatever is killed, the run ends, and in the same bytes.
    @Suite struct CrashTests {
        private static func weights(_ data: String, _ model: String = "loop") throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: "\(data)/models/\(model)/model.safetensors"))
        }

        /// The result of the run without a server; with a `moment`, the first process is killed when
        /// it has written that.
        private static func headless(
            _ spec: Value,
            killedAt moment: String? = nil
        ) async throws -> Data {
            let folder = try TemporaryFolder()
            let data = folder.path + "/data"
            try TinyModelFolder.write(to: folder.path + "/model")
            let imported = try await Program.run(
                "hone",
                ["import", folder.path + "/model", "--name", "tiny", "--data", data]
            )
            try #require(imported.code == 0, "\(imported)")
            let file = folder.path + "/run.json"
            try Data(spec.json).write(to: URL(fileURLWithPath: file))
            let command = ["train", file, "--data", data]
            if let moment {
                let first = try Program("hone", command)
                try await eventually(moment) { first.output.contains(moment) ? true : nil }
                first.kill(SIGKILL)
                #expect(try await first.exitCode() == -SIGKILL)
            }
            let trained = try await Program.run("hone", command)
            try #require(trained.code == 0, "\(trained)")
            #expect(trained.output.contains("iteration 5"))
            return try weights(data)
        }

        @Test func `hone train goes on after a kill, with adapters and a schedule`() async throws {
            let spec = Specs.online("loop").with([
                "adapter": ["rank": 2, "alpha": 4], "update_epochs": 2, "checkpoint_every": 2,
                "optimizer": ["learning_rate": 1e-2, "schedule": "cosine", "warmup_steps": 3],
                "evaluation": ["prompts": ["items": ["xy", "uv"]]],
            ])
            let expected = try await Self.headless(spec)
            // After a checkpoint, and where the iteration before has none.
            for moment in ["iteration 2", "iteration 3"] {
                #expect(try await Self.headless(spec, killedAt: moment) == expected, "\(moment)")
            }
        }

        @Test func `groups learned from with a schedule go on after a kill`() async throws {
            let spec = Specs.groups("loop").with([
                "update_epochs": 2, "checkpoint_every": 2,
                "evaluation": ["prompts": ["items": ["xy", "uv"]]],
            ])
            let expected = try await Self.headless(spec)
            #expect(try await Self.headless(spec, killedAt: "iteration 3") == expected)
        }

        @Test func `a policy and its value head go on after a kill`() async throws {
            let spec = Specs.groups("loop").with([
                "objective": ["name": "ppo", "value_coefficient": 0.5, "value_clip_range": 0.2],
                "update_epochs": 2, "checkpoint_every": 2,
            ])
            let expected = try await Self.headless(spec)
            #expect(try await Self.headless(spec, killedAt: "iteration 3") == expected)
        }

        @Test func `a critic, a moving reference and an opponent go on after a kill`()
            async throws
        {
            let critic = Specs.groups("loop").with([
                "objective": [
                    "name": "ppo", "value_coefficient": 0.5, "value_clip_range": 0.2,
                    "kl_coefficient": 0.1,
                ],
                "reference": ["ema": 0.9],
                "value_model": [
                    "name": "separate", "warmup_iterations": 1, "learning_rate": 0.003,
                ],
                "update_epochs": 2, "checkpoint_every": 2,
            ])
            let opposed = Specs.groups("loop").with([
                "objective": ["name": "nash_md"], "opponent": ["mixture": 0.5, "count": 2],
                "reference": ["ema": 0.5], "checkpoint_every": 2,
            ])
            for spec in [critic, opposed] {
                let expected = try await Self.headless(spec)
                #expect(try await Self.headless(spec, killedAt: "iteration 3") == expected)
            }
        }

        @Test(arguments: [1, 2])
        func `overlapping phases end in the same bytes, whatever is killed`(
            _ staleness: Int
        ) async throws {
            let spec = Specs.groups("loop").with([
                "max_staleness": .integer(staleness), "checkpoint_every": .integer(staleness),
            ])
            let expected = try await Self.headless(spec)
            #expect(try await Self.headless(spec.with(["max_staleness": 0])) != expected)
            for moment in ["iteration 2", "iteration 3"] {
                #expect(try await Self.headless(spec, killedAt: moment) == expected, "\(moment)")
            }
            for role in ["policy", "sampler"] {
                #expect(try await Self.withKilledWorker(spec, role) == expected, "\(role)")
            }
            #expect(try await Self.withKilledHoned(spec) == expected)
        }

        @Test func `killed worker, killed honed, headless: all runs end in the same bytes`()
            async throws
        {
            let spec = Specs.online("loop")
            let expected = try await Self.headless(spec)
            let uninterrupted = try await Honed.with { honed in
                try await honed.submit(spec)
                try await honed.wait("loop")
                return try Self.weights(honed.data)
            }
            #expect(uninterrupted == expected)
            let start = try Fixtures.data("tiny-llama-tied/model.safetensors")
            #expect(uninterrupted != start)
            #expect(try await Self.withKilledWorker(spec) == expected)
            #expect(try await Self.withKilledHoned(spec) == expected)
        }

        private static func withKilledWorker(
            _ spec: Value,
            _ role: String = "policy"
        ) async throws -> Data {
            try await Honed.with { honed in
                try await honed.submit(spec)
                try await honed.wait("loop", iteration: 1)
                let worker = try await honed.worker(role)
                kill(worker, SIGKILL)
                try await honed.wait("loop")
                var losses = 0
                for try await event in try await honed.events("loop") where event.event == "worker"
                {
                    losses += event.data.contains("\"lost\"") ? 1 : 0
                }
                #expect(losses == 1)
                return try weights(honed.data)
            }
        }

        private static func withKilledHoned(_ spec: Value) async throws -> Data {
            try await Honed.with { honed in
                try await honed.submit(spec)
                try await honed.wait("loop", iteration: 2)
                let worker = try await honed.worker("policy")
                honed.program.kill(SIGKILL)
                _ = try await honed.program.exitCode()
                // A worker does not outlive its daemon.
                try await eventually("the worker is gone") { kill(worker, 0) == 0 ? nil : true }
                let again = try await Honed(data: honed.data)
                let state = try await again.get("/v1/runs/loop")["state"]?.text
                #expect(state != "failed")
                try await again.wait("loop")
                return try weights(honed.data)
            }
        }
    }
}
