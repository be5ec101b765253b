import Domain
import Foundation
import HTTP
import Telemetry
import Testing

extension EndToEndTests {
    /// Online runs whose rewards are judged or come over the network.
    @Suite struct RewardTests {
        @Test func `a run learns from its own policy's verdicts on pairs`() async throws {
            try await Honed.with { honed in
                let judge: Value = [
                    "name": "judge", "model": "policy", "template": "{prompt}{a}/{b}?",
                    "verdicts": ["a", "b"],
                ]
                let spec = Specs.online("judged", iterations: 2).with(["reward": judge])
                try await honed.submit(spec)
                try await honed.wait("judged")
                let rollouts = try await honed.get(
                    "/v1/runs/judged/rollouts?purpose=training&iteration=1&limit=1000"
                ).data
                let scores = rollouts.compactMap { $0["reward"]?.doubleValue }
                #expect(!scores.isEmpty && scores.count == rollouts.count)
                #expect(scores.allSatisfy { (0...1).contains($0) })
                // Who wins against one loses against the other.
                let mean = scores.reduce(0, +) / Double(max(1, scores.count))
                #expect(abs(mean - 0.5) < 1e-6)
                #expect(Set(scores).count > 1)
            }
        }

        @Test func `a run learns from a service, and says why a completion has no score`()
            async throws
        {
            let service = Route.async(.post, "/get_reward") { request in
                let body = try? JSONDecoder().decode(Value.self, from: Data(request.body))
                let texts = (body?["query"]?.arrayValue ?? []).compactMap(\.stringValue)
                let scores = texts.map { $0.count % 3 > 0 ? String($0.count) : "null" }
                let text = #"{"rewards":[\#(scores.joined(separator: ","))]}"#
                return HTTPResponse(contentType: "application/json", bytes: Array(text.utf8))
            }
            let server = try HTTPServer(
                configuration: ServerConfiguration(),
                router: Router([service]),
                log: Log(level: .off),
                metrics: nil
            )
            let url = "http://127.0.0.1:\(server.port)/get_reward"
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                try await Honed.with { try await Self.learn(from: url, $0) }
                server.shutdown()
                try await group.waitForAll()
            }
        }

        private static func learn(from url: String, _ honed: Honed) async throws {
            let reward: Value = ["name": "remote", "url": .string(url), "protocol": "openrlhf"]
            try await honed.submit(Specs.groups("served", iterations: 1).with(["reward": reward]))
            try await honed.wait("served")
            let rollouts = try await honed.get(
                "/v1/runs/served/rollouts?purpose=training&limit=1000"
            ).data
            let scores = rollouts.compactMap { $0["scores"]?.arrayValue?.first }
            #expect(!scores.isEmpty && scores.count == rollouts.count)
            for score in scores {
                #expect((score["score"]?.doubleValue != nil) == (score["reason"] == nil))
            }
            #expect(scores.contains { $0["score"]?.doubleValue != nil })
            let far: Value = ["name": "remote", "url": "http://example.com/", "protocol": "slime"]
            let refused = try await honed.post(
                "/v1/rewards",
                ["reward": far, "items": [["completion": "x"]]]
            )
            #expect(refused.status == 403, "\(refused)")
        }
    }
}
