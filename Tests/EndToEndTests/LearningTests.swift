import Domain
import Foundation
import HTTP
import TestSupport
import Testing

extension EndToEndTests {
    /// Each kind of run to its end.
    @Suite struct LearningTests {
        /// The contract's names for an online run on pairs.
        static let metricNames = [
            "reward/mean", "reward/margin", "policy/loss", "policy/kl", "policy/entropy",
            "policy/chosen_logprob", "policy/rejected_logprob", "preference/accuracy",
            "rollout/completion_length", "rollout/truncated_fraction", "rollout/staleness_max",
            "optimizer/gradient_norm", "parity/logprob_abs_diff_max",
            "throughput/tokens_per_second", "time/sample_seconds", "time/score_seconds",
            "time/update_seconds",
        ]

        @Test func `a policy learns from a reward model that was learned from ratings`()
            async throws
        {
            try await Honed.with { honed in
                try await honed.submit(Specs.rewardModel("taste"))
                try await honed.wait("taste")
                let fit = try #require(try await honed.get("/v1/runs/taste/metrics").data.last)
                #expect((fit["metrics"]?["preference/accuracy"]?.doubleValue ?? 0) > 0.6)
                let spec = Specs.online("loop", iterations: 3).with([
                    "reward": ["name": "model", "model": "taste"],
                    "evaluation": ["prompts": ["items": ["xy", "uv"]], "rewards": [Specs.vowels]],
                ])
                try await honed.submit(spec)
                try await Self.checkEvents(honed, "loop")
                try await honed.wait("loop")
                try await Self.checkMetrics(honed, "loop", iterations: 3)
                try await Self.checkResult(honed, "loop")
            }
        }

        private static func checkEvents(_ honed: Honed, _ run: String) async throws {
            var events: [ServerSentEvent] = []
            for try await event in try await honed.events(run) { events.append(event) }
            let ids = events.compactMap { $0.id.flatMap(Int.init) }
            try #require(ids.count == events.count && ids.count > 10)
            #expect(ids == ids.sorted() && Set(ids).count == ids.count)
            #expect(events.last?.data.contains("succeeded") == true)
            let kinds = Set(events.compactMap(\.event))
            #expect(
                kinds.isSuperset(of: ["state", "metrics", "checkpoint", "published"]),
                "\(kinds)"
            )
            let middle = ids.count / 2
            var rest: [ServerSentEvent] = []
            for try await event in try await honed.events(run, after: ids[middle]) {
                rest.append(event)
            }
            #expect(rest == Array(events[(middle + 1)...]))
        }

        private static func checkMetrics(
            _ honed: Honed,
            _ run: String,
            iterations: Int
        ) async throws {
            let list = try await honed.get("/v1/runs/\(run)/metrics").data
            #expect(list.map { $0["iteration"]?.integerValue } == Array(0...iterations))
            for iteration in list.dropFirst() {
                let metrics = iteration["metrics"]?.objectValue ?? [:]
                let missing = metricNames.filter { metrics[$0]?.doubleValue == nil }
                #expect(missing.isEmpty, "of \(metrics.keys.sorted())")
                let parity = metrics["parity/logprob_abs_diff_max"]?.doubleValue ?? 1
                #expect(parity <= 1e-3)
                #expect(metrics["evaluation/regex_mean"]?.doubleValue != nil)
            }
        }

        private static func checkResult(_ honed: Honed, _ run: String) async throws {
            let checkpoints = try await honed.get("/v1/runs/\(run)/checkpoints").data
            #expect(checkpoints.map { $0["id"] } == ["loop@2", "loop@3"])
            #expect(try await !honed.get("/v1/runs/\(run)/pairs").data.isEmpty)
            let stored = try await honed.get("/v1/runs/\(run)/rollouts?purpose=training&limit=5")
            #expect(stored.data.count == 5 && stored["has_more"] == true)
            #expect(stored.data.allSatisfy { $0["reward"]?.doubleValue != nil })
            for model in [run, "\(run)@2", "tiny"] {
                let reply = try await honed.post(
                    "/v1/rollouts",
                    ["model": .string(model), "prompts": ["ab"], "sampling": ["max_tokens": 4]]
                )
                #expect(reply.status == 200, "\(reply)")
            }
            let file = try await honed.get("/v1/models/\(run)/export?format=gguf")
            #expect(file.status == 200 && file.bytes.starts(with: Array("GGUF".utf8)))
            let folder = try await honed.get("/v1/models/\(run)/export?format=hf")
            #expect(folder.status == 200 && folder.bytes.count > 88_000)
            for name in ["config.json", "model.safetensors", "tokenizer.json"] {
                #expect(folder.text.contains("\(run)/\(name)"))
            }
            try await checkReimport(honed, file.bytes, of: run)
        }

        /// The exported file is a model again, with the same probabilities.
        private static func checkReimport(
            _ honed: Honed,
            _ bytes: [UInt8],
            of run: String
        ) async throws {
            let folder = try TemporaryFolder()
            let path = folder.path + "/back.gguf"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let reply = try await honed.post("/v1/models", ["name": "back", "path": .string(path)])
            try #require(reply.status == 201, "\(reply)")
            func rollout(_ model: Value) async throws -> Value? {
                try await honed.post(
                    "/v1/rollouts",
                    ["model": model, "prompts": ["abc"], "sampling": ["temperature": 0]]
                ).data.first
            }
            let (one, other) = (try await rollout(.string(run)), try await rollout("back"))
            #expect(one != nil && one?["tokens"] == other?["tokens"])
            #expect(one?["logprobs"] == other?["logprobs"])
        }

        @Test func `pairs of a file make the chosen more likely`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.offline("pairs"))
                #expect(try await honed.wait("pairs")["policy_version"] == 8)
                let metrics = try await honed.get("/v1/runs/pairs/metrics").data
                let losses = metrics.compactMap { $0["metrics"]?["policy/loss"]?.doubleValue }
                try #require(losses.count == 2)
                #expect(losses[1] < losses[0])
            }
        }

        @Test func `demonstrations are imitated`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.sft("copy"))
                try await honed.wait("copy")
                let reply = try await honed.post(
                    "/v1/rollouts",
                    ["model": "copy", "prompts": ["ab"], "sampling": ["temperature": 0]]
                )
                #expect(reply.data.first?["text"] == "abab", "\(reply)")
                #expect(reply.data.first?["stop_reason"] != "length")
            }
        }

        @Test func `a client drives an external run step by step`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.external("mine"))
                try await honed.wait("mine", "running")
                let pair: Value = ["prompt": "ab", "chosen": "aaa", "rejected": "zzz"]
                let update: Value = [
                    "run": "mine", "batch": ["pairs": [pair]], "expected_policy_version": 0,
                ]
                let first = try await honed.post("/v1/updates", update, key: "step-1")
                try #require(first.status == 200 && first["policy_version"] == 1, "\(first)")
                let loss = try #require(first["metrics"]?["policy/loss"]?.doubleValue)
                #expect(abs(loss - 0.6931) < 1e-3)
                // Answered again from the store: no second step.
                #expect(
                    try await honed.post("/v1/updates", update, key: "step-1").bytes == first.bytes
                )
                let stale = try await honed.post("/v1/updates", update)
                #expect(stale.status == 409 && stale.errorCode == "stale_policy_version")
                let second = try await honed.post(
                    "/v1/updates",
                    update.with(["expected_policy_version": 1])
                )
                #expect(second["policy_version"] == 2, "\(second)")
                #expect((second["metrics"]?["policy/loss"]?.doubleValue ?? 1) < loss)
                try await honed.wait("mine")
            }
        }

        @Test func `imported models and runs of other kinds take no updates`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.offline("pairs"))
                let pair: Value = ["prompt": "ab", "chosen": "aaa", "rejected": "zzz"]
                let reply = try await honed.post(
                    "/v1/updates",
                    ["run": "pairs", "batch": ["pairs": [pair]]]
                )
                #expect(reply.status == 409 && reply.errorCode == "immutable_model", "\(reply)")
            }
        }
    }
}
