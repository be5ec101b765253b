import API
import APITypes
import Domain
import Foundation
import HTTP
import Testing

@Suite struct RewardServerTests {
    private static let length: ServedReward? = try? ServedReward(
        text: #"{"name":"length","target":5}"#
    )

    @Test func `OpenRLHF gets rewards, shares and the parts of its queries`() async throws {
        try await LiveServer.with(servedReward: Self.length) { server in
            let reply = try await server.call(
                .post,
                "/get_reward",
                [
                    "query": ["<s>ask: fine</s>", "ask:ok<|im_end|>\n<|endoftext|>"],
                    "prompts": ["ask:", "ask:"], "labels": ["yes", .null],
                ]
            )
            #expect(reply.status == 200)
            _ = try RewardServerSchemas.rewards.check(reply.json)
            #expect(reply.json["rewards"] == [5, 2])
            #expect(reply.json["scores"] == [1, 1])
            #expect(reply.json["extra_logs"] == ["prompt": [4, 4]])
            #expect(await server.control.asked == ["score length - yes"])
        }
    }

    @Test func `a text without a score is an error with its place and reason, never 0`()
        async throws
    {
        try await LiveServer.with(servedReward: Self.length) { server in
            let requests: [(String, Value)] = [
                ("/get_reward", ["query": ["pa", "p"], "prompts": ["p", "p"]]),
                ("/score", ["text_1": "p", "text_2": ["a", ""]]),
                ("/classify", ["input": ["a", ""]]),
                ("/v1/score/evaluation", ["model": "model", "messages": ["a", ""]]),
                ("/rerank", ["query": "p", "documents": ["a", ""]]),
            ]
            for (path, body) in requests {
                let reply = try await server.call(.post, path, body)
                #expect(reply.status == 422, "\(path)")
                #expect(reply.errorCode == "unscored", "\(path)")
                #expect(reply.errorMessage == "text 1 could not be scored: it is empty")
            }
        }
    }

    @Test func `without a reward the error says how to name one`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(.post, "/get_reward", ["query": ["a"]])
            #expect(reply.status == 400)
            #expect(reply.errorCode == "unknown_reward")
            #expect(reply.errorMessage.contains("--serve-reward"))
            let unknown: Value = ["query": ["a"], "model": "nobody"]
            #expect(try await server.call(.post, "/get_reward", unknown).status == 404)
            #expect(await server.control.asked.isEmpty)
        }
    }

    @Test func `a request's model is asked in place of the server's reward`() async throws {
        try await LiveServer.with(servedReward: Self.length) { server in
            let reply = try await server.call(
                .post,
                "/score",
                ["model": "smol", "text_1": ["p", "pp"], "text_2": ["a", "bcd"]]
            )
            _ = try RewardServerSchemas.scores.check(reply.json)
            #expect(reply.json["model"] == "smol")
            #expect(reply.json["data"]?.arrayValue?.map { $0["score"] } == [1, 3])
            // Log-odds become a share only where OpenRLHF asks for one.
            let share = try await server.call(
                .post,
                "/get_reward",
                ["model": "smol", "query": ["ab"]]
            )
            let score = share.json["scores"]?.arrayValue?.first?.doubleValue ?? 0
            #expect(abs(score - 1 / (1 + exp(-2))) < 1e-12)
            #expect(await server.control.asked == ["score model smol -", "score model smol -"])
        }
    }

    @Test func `vLLM's classes are activated unless the client says no`() async throws {
        try await LiveServer.with(servedReward: Self.length) { server in
            let raw: Value = ["model": "model", "input": "abc", "use_activation": false]
            let reply = try await server.call(.post, "/classify", raw)
            _ = try RewardServerSchemas.classes.check(reply.json)
            #expect(reply.json["data"]?.arrayValue?.first?["probs"] == [3])
            let usual = try await server.call(.post, "/classify", ["input": ["abc"]])
            let share = usual.json["data"]?.arrayValue?.first?["probs"]?.arrayValue?.first
            #expect(abs((share?.doubleValue ?? 0) - 1 / (1 + exp(-3))) < 1e-12)
        }
    }

    @Test func `LLaMA-Factory's and the ranking's replies have their shapes`() async throws {
        try await LiveServer.with(servedReward: Self.length) { server in
            let scores = try await server.call(
                .post,
                "/v1/score/evaluation",
                ["model": "model", "messages": ["ab", "c"], "max_length": 512]
            )
            _ = try RewardServerSchemas.evaluation.check(scores.json)
            #expect(scores.json["scores"] == [2, 1])
            let ranked = try await server.call(
                .post,
                "/v1/rerank",
                ["query": "q", "documents": ["a", "bcd", "e"], "top_n": 2]
            )
            _ = try RewardServerSchemas.ranking.check(ranked.json)
            #expect(ranked.json["results"]?.arrayValue?.map { $0["index"] } == [1, 0])
            #expect(ranked.json["results"]?.arrayValue?.first?["document"] == ["text": "bcd"])
        }
    }

    @Test(
        arguments: [
            ("/get_reward", ["query": ["a"], "prompts": ["b"]], "$.prompts[0]"),
            ("/get_reward", ["query": ["a"], "labels": [1, 2]], "$.labels"),
            ("/get_reward", ["query": []], "$.query"),
            ("/score", ["text_1": ["a", "b"], "text_2": ["c"]], "$.text_1"),
            ("/classify", ["input": [1, 2]], "$.input"),
            ("/rerank", ["query": "q"], "$.documents"),
        ] as [(String, Value, String)]
    )
    func `what is wrong is named by its place`(
        path: String,
        body: Value,
        param: String
    )
        async throws
    {
        try await LiveServer.with(servedReward: Self.length) { server in
            let reply = try await server.call(.post, path, body)
            #expect(reply.status == 400)
            #expect(reply.json["error"]?["param"]?.stringValue == param)
        }
    }

    @Test func `a served reward is JSON, a file, a reward's name or a model's`() throws {
        #expect(
            try ServedReward(text: "helpful-1").entry == ["name": "model", "model": "helpful-1"]
        )
        #expect(Self.length?.entry["target"] == 5)
        let file = NSTemporaryDirectory() + "hone-reward-\(UUID().uuidString).json"
        try Data(#"{"name":"length","target":3}"#.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try ServedReward(text: file).entry["target"] == 3)
        #expect(try ServedReward(text: "@" + file).entry["target"] == 3)
        for wrong in [#"{"name":"lenght"}"#, "{", "length", "/nowhere/r.json"] {
            #expect(throws: HoneError.self) { try ServedReward(text: wrong) }
        }
    }
}
