import Domain
import Foundation
import Testing

extension EndToEndTests {
    /// Rewards of tokens by real models in real workers.
    @Suite struct TokenRewardTests {
        private static let texts = ["abc", "the end", "z"]

        private static func logprobs(
            _ honed: Honed,
            _ model: String,
            _ rollout: Value
        ) async throws -> [Double] {
            // Prompt and completion in tokens; the prompt's own numbers are left out.
            let prompt = rollout["prompt_tokens"]?.arrayValue ?? []
            let tokens = rollout["tokens"]?.arrayValue ?? []
            let item: Value = ["tokens": .array(prompt + tokens)]
            let line = try JSONEncoder().encode(item)
            let result = try await Program.run(
                "hone",
                ["logprobs", "--model", model, "--data", honed.data],
                input: String(decoding: line, as: UTF8.self) + "\n"
            )
            try #require(result.code == 0, "\(result)")
            let answer = try JSONDecoder().decode(Value.self, from: Data(result.output.utf8))
            return (answer["logprobs"]?.arrayValue ?? []).suffix(tokens.count)
                .map { $0.doubleValue ?? .nan }
        }

        @Test func `a run's tokens are rewarded by what hone logprobs says of both models`()
            async throws
        {
            try await Honed.with(model: false) { honed in
                for (name, seed) in [("policy", 1), ("prm", 2)] as [(String, Int)] {
                    let sizes: Value = [
                        "tokenizer": "ascii", "layers": 2, "hidden": 16, "heads": 2,
                        "context": 128, "seed": .integer(seed),
                    ]
                    let made = try await honed.post(
                        "/v1/models",
                        ["name": .string(name), "create": sizes]
                    )
                    try #require(made.status == 201, "\(made)")
                }
                let implicit: Value = [
                    "name": "implicit", "model": "prm", "reference": "policy", "beta": 0.5,
                ]
                let spec = Specs.groups("dense", iterations: 1).with([
                    "model": "policy", "reward": implicit,
                    "advantage": ["name": "return_to_go"],
                    "stages": [
                        "credit": ["name": "dense", "outcome_coefficient": 0],
                        "whiten_rewards": true,
                    ],
                ])
                try await honed.submit(spec)
                try await honed.wait("dense")
                let rollouts = try await honed.get(
                    "/v1/runs/dense/rollouts?purpose=training&iteration=1&limit=1000"
                ).data
                try #require(!rollouts.isEmpty)
                honed.program.kill(SIGTERM)
                _ = try await honed.program.exitCode()
                for rollout in rollouts.prefix(2) {
                    let own = try await Self.logprobs(honed, "prm", rollout)
                    let base = try await Self.logprobs(honed, "policy", rollout)
                    let score = try #require(rollout["scores"]?.arrayValue?.first)
                    let found = try #require(score["token_rewards"]).numbers
                    try #require(found.count == own.count && !found.isEmpty)
                    for ((one, other), reward) in zip(zip(own, base), found) {
                        #expect(abs(0.5 * (one - other) - reward) < 1e-4)
                    }
                    #expect(found.contains { abs($0) > 1e-3 })
                    let sum = try #require(score["score"]?.doubleValue)
                    #expect(abs(sum - found.reduce(0, +)) < 1e-5)
                }
            }
        }

        @Test func `texts are scored token by token with the end token`() async throws {
            try await Honed.with { honed in
                let reward: Value = ["name": "implicit", "model": "tiny", "reference": "tiny"]
                let reply = try await honed.post(
                    "/v1/rewards",
                    [
                        "reward": reward,
                        "items": .array(
                            Self.texts.map { ["prompt": "p", "completion": .string($0)] }
                        ),
                    ]
                )
                try #require(reply.status == 200, "\(reply)")
                let scores = reply["scores"]?.arrayValue ?? []
                try #require(scores.count == Self.texts.count)
                for score in scores {
                    // A model is its own reference: nothing is better than anything.
                    #expect(score["score"]?.doubleValue == 0)
                    let tokens = try #require(score["token_rewards"]).numbers
                    #expect(tokens.count > 1 && tokens.allSatisfy { $0 == 0 })
                }
                let unknown = try await honed.post(
                    "/v1/rewards",
                    [
                        "reward": ["name": "implicit", "model": "tiny"],
                        "items": [["prompt": "p", "completion": "a"]],
                    ]
                )
                #expect(unknown.status == 400, "\(unknown)")
            }
        }
    }
}
