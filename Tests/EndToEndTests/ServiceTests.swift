import Domain
import Foundation
import HTTP
import Testing

extension EndToEndTests {
    /// What a server without runs offers.
    @Suite struct ServiceTests {
        @Test func `an imported model is listed beside health, metrics and interface`()
            async throws
        {
            try await Honed.with { honed in
                #expect(try await honed.get("/healthz")["status"] == "ok")
                #expect(try await honed.get("/readyz")["status"] == "ready")
                let models = try await honed.get("/v1/models")
                #expect(models.data.map { $0["id"] } == ["tiny"])
                #expect(models.data.first?["vocabulary_size"] == 97)
                #expect(models.headers["x-request-id"] != nil)
                let one = try await honed.get("/v1/models/tiny")
                #expect(one["context_length"] == 128 && one["layer_count"] == 2)
                let paths = try await honed.get("/openapi.json")["paths"]?.objectValue ?? [:]
                #expect(paths["/v1/runs"] != nil && paths["/v1/rollouts"] != nil)
                let rollout = try await honed.post(
                    "/v1/rollouts",
                    ["model": "tiny", "prompts": ["a"]]
                )
                #expect(rollout.status == 200, "\(rollout)")
                let metrics = try await honed.get("/metrics")
                #expect(metrics.headers["content-type"]?.hasPrefix("text/plain") == true)
                #expect(metrics.text.contains("hone_worker_resident_bytes{role="))
            }
        }

        @Test func `equal requests give equal bytes that agree with hone logprobs`() async throws {
            try await Honed.with { honed in
                let request: Value = [
                    "model": "tiny", "n": 3,
                    "prompts": ["abc", [5, 6, 7], [["role": "user", "content": "hi"]]],
                    "sampling": ["max_tokens": 10, "seed": 7, "temperature": 0.8, "top_k": 20],
                ]
                let first = try await honed.post("/v1/rollouts", request)
                try #require(first.status == 200 && first.data.count == 9, "\(first)")
                #expect(try await honed.post("/v1/rollouts", request).bytes == first.bytes)
                #expect(
                    first.data[6]["prompt_tokens"]?.arrayValue?.count
                        == "[user:hi][assistant:".count
                )
                honed.program.kill(SIGTERM)
                #expect(try await honed.program.exitCode() == 0, "\(honed.program.errors)")
                try await Self.agree(first.data, data: honed.data)
            }
        }

        @Test func `a command that finds its folder taken asks whoever has it`() async throws {
            try await Honed.with { honed in
                // The servers of other folders are not meant.
                try await Honed.with(model: false) { _ in
                    let asked = try await Program.run(
                        "hone",
                        ["generate", "--model", "tiny", "--raw", "--data", honed.data, "abc"]
                    )
                    try #require(asked.code == 0, "\(asked)")
                    #expect(!asked.output.isEmpty)
                }
                let refused = try await Program.run(
                    "hone",
                    ["tokenize", "--model", "tiny", "--data", honed.data],
                    input: "{\"text\": \"a\"}\n"
                )
                #expect(refused.code == 1 && refused.errors.contains("in use by process"))
            }
        }

        /// Compares the log-probabilities of rollouts with those of the command.
        private static func agree(_ rollouts: [Value], data: String) async throws {
            var lines = ""
            for rollout in rollouts {
                let tokens =
                    (rollout["prompt_tokens"]?.arrayValue ?? [])
                    + (rollout["tokens"]?.arrayValue ?? [])
                lines += String(
                    decoding: try Value.object(["tokens": .array(tokens)]).json,
                    as: UTF8.self
                )
                lines += "\n"
            }
            let result = try await Program.run(
                "hone",
                ["logprobs", "--model", "tiny", "--data", data],
                input: lines
            )
            try #require(result.code == 0, "\(result)")
            let answers = try result.output.split(separator: "\n").map {
                try JSONDecoder().decode(Value.self, from: Data($0.utf8))
            }
            try #require(answers.count == rollouts.count)
            for (rollout, answer) in zip(rollouts, answers) {
                let sampled = try #require(rollout["logprobs"]).numbers
                let computed = try #require(answer["logprobs"]).numbers.suffix(sampled.count)
                #expect(!sampled.isEmpty && answer["logprobs"]?.arrayValue?.first == .null)
                for (one, other) in zip(sampled, computed) { #expect(abs(one - other) <= 1e-4) }
            }
        }

        @Test func `rule rewards and their weighted sum score texts`() async throws {
            try await Honed.with(model: false) { honed in
                let length: Value = ["name": "length", "target": 4, "unit": "characters"]
                let items: Value = [
                    ["prompt": "p", "completion": "aabb"], ["prompt": "p", "completion": "ee"],
                ]
                func scores(_ reward: Value) async throws -> [Double?] {
                    let reply = try await honed.post(
                        "/v1/rewards",
                        ["reward": reward, "items": items]
                    )
                    return (reply["scores"]?.arrayValue ?? []).map { $0["score"]?.doubleValue }
                }
                let start: Value = ["name": "regex", "pattern": "^a"]
                let alone = try await (scores(length), scores(start))
                #expect(alone.0 == [1, 0.5] && alone.1 == [1, 0])
                let parts: Value = [
                    ["weight": 2, "reward": length],
                    ["weight": -1, "reward": start],
                ]
                let sum = try await scores(["name": "weighted_sum", "rewards": parts])
                #expect(sum == [1, 1])
            }
        }

        @Test func `a key gives the same reply for the same body, also after a restart`()
            async throws
        {
            try await Honed.with { honed in
                let request: Value = [
                    "model": "tiny", "prompts": ["abc"], "store": true,
                    "sampling": ["max_tokens": 4],
                ]
                let first = try await honed.post("/v1/rollouts", request, key: "one")
                try #require(first.status == 200, "\(first)")
                #expect(
                    try await honed.post("/v1/rollouts", request, key: "one").bytes == first.bytes
                )
                #expect(
                    try await honed.post("/v1/rollouts", request).data[0]["id"]
                        != first.data[0]["id"]
                )
                let other = try await honed.post(
                    "/v1/rollouts",
                    request.with(["n": 2]),
                    key: "one"
                )
                #expect(other.status == 409 && other.message.contains("Idempotency-Key"))
                honed.program.kill(SIGKILL)
                _ = try await honed.program.exitCode()
                let again = try await Honed(data: honed.data)
                #expect(
                    try await again.post("/v1/rollouts", request, key: "one").bytes == first.bytes
                )
            }
        }
    }
}
