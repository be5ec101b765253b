import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// The task of `scripts/learning-curves`, with one of its seeds and fewer of its iterations: at most
    /// eight characters, and a point for each that is a vowel.
    @Suite struct TinyTaskTests {
        private static let methods = [
            "ppo", "grpo", "rloo", "online-dpo", "sppo", "nash-md", "raft",
        ]

        private static func spec(_ method: String) throws -> Value {
            let file = RecipePage.folder.appendingPathComponent("tiny/\(method).json")
            let spec = try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
            return spec.with(["iterations": 12, "checkpoint_every": 12])
        }

        @Test func `every method reaches nine tenths of the best reward`() async throws {
            try await Honed.with(model: false) { honed in
                let sizes: Value = [
                    "tokenizer": "ascii", "layers": 2, "hidden": 32, "heads": 4, "context": 64,
                    "seed": 1,
                ]
                let made = try await honed.post("/v1/models", ["name": "tiny", "create": sizes])
                try #require(made.status == 201, "\(made)")
                for method in Self.methods { try await honed.submit(Self.spec(method)) }
                for method in Self.methods {
                    try await honed.wait(method)
                    let iterations = try await honed.get("/v1/runs/\(method)/metrics").data
                    let rewards = iterations.compactMap {
                        $0["metrics"]?["reward/mean"]?.doubleValue
                    }
                    try #require(rewards.count == 12, "\(method)")
                    #expect(rewards[0] < 1 && rewards[11] >= 7.2, "\(method): \(rewards)")
                }
            }
        }
    }
}
