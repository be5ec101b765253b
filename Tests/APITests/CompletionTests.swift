import APITypes
import Domain
import Foundation
import HTTP
import Testing

@testable import API

@Suite struct CompletionTests {
    @Test func `a completion has OpenAI's shape, with usage, reason and log-probabilities`()
        async throws
    {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/v1/completions",
                [
                    "model": "smol", "prompt": ["a", "b"], "n": 2, "logprobs": 2, "echo": true,
                    "seed": 5, "user": "someone", "frequency_penalty": 0.0,
                    "return_token_ids": true, "top_k": -1,
                ]
            )
            #expect(reply.status == 200, "\(reply.text)")
            _ = try GenerationObject.completionSchema.check(reply.json)
            #expect(reply.json["object"] == "text_completion")
            let choices = reply.json["choices"]?.arrayValue ?? []
            #expect(choices.count == 4)
            #expect(choices.map { $0["index"] } == [0, 1, 2, 3])
            let first = try #require(choices.first)
            #expect(first["text"] == "askfix" && first["finish_reason"] == "length")
            #expect(
                first["logprobs"] == [
                    "tokens": ["ask", "fix"], "token_logprobs": [.null, -0.5],
                    "top_logprobs": [.null, ["fix": -0.5, "fog": -1.5]], "text_offset": [0, 3],
                ]
            )
            #expect(first["prompt_token_ids"] == [1] && first["token_ids"] == [2])
            #expect(
                reply.json["usage"]
                    == ["prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6]
            )
            #expect(await server.control.asked.contains("sample model(\"smol\") 2 5"))
        }
    }

    @Test func `a prompt is read without drawing when max_tokens is 0`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/v1/completions",
                ["model": "smol", "prompt": [7], "echo": true, "max_tokens": 0, "logprobs": 0]
            )
            let choice = reply.json["choices"]?.arrayValue?.first
            #expect(choice?["text"] == "ask" && choice?["finish_reason"] == "length")
            #expect(choice?["logprobs"]?["token_logprobs"] == [.null])
            #expect(reply.json["usage"]?["completion_tokens"] == 0)
            #expect(await server.control.asked.isEmpty)
        }
    }

    @Test func `a chat has OpenAI's shape and tells of alternatives`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/v1/chat/completions",
                [
                    "model": "smol", "logprobs": true, "top_logprobs": 1, "max_tokens": 3,
                    "messages": [
                        ["role": "developer", "content": [["type": "text", "text": "be brief"]]],
                        ["role": "user", "content": "ask", "name": "ann"],
                    ], "response_format": ["type": "text"], "tools": [], "store": true,
                    "return_tokens_as_token_ids": true,
                ]
            )
            #expect(reply.status == 200, "\(reply.text)")
            _ = try GenerationObject.chatSchema.check(reply.json)
            let choice = try #require(reply.json["choices"]?.arrayValue?.first)
            #expect(
                choice["message"] == ["role": "assistant", "content": "fix", "refusal": .null]
            )
            let told = try #require(choice["logprobs"]?["content"]?.arrayValue?.first)
            #expect(told["token"] == "token_id:2" && told["bytes"] == [102, 105, 120])
            #expect(told["top_logprobs"]?.arrayValue?.count == 1)
            #expect(reply.json["system_fingerprint"] == "policy-3")
        }
    }

    /// The data of the events of a stream.
    private static func events(_ text: String) throws -> [Value] {
        try text.split(separator: "\n\n").filter { $0.hasPrefix("data: ") }.dropLast().map {
            try JSONText.value(.init($0.dropFirst(6).utf8), source: "a chunk")
        }
    }

    @Test func `a stream sends deltas, counts at its end, and is DONE`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/v1/chat/completions",
                [
                    "model": "smol", "messages": [["role": "user", "content": "ask"]],
                    "stream": true, "stream_options": ["include_usage": true],
                    "return_token_ids": true,
                ]
            )
            #expect(reply.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(reply.text.hasSuffix("data: [DONE]\n\n"))
            let events = try Self.events(reply.text)
            #expect(events.count == 4)
            #expect(Set(events.map { $0["id"] }).count == 1)
            let choices = events.map { $0["choices"]?.arrayValue?.first }
            #expect(choices[0]?["delta"] == ["role": "assistant", "content": ""])
            #expect(choices[1]?["delta"] == ["content": "fix"] && choices[1]?["token_ids"] == [2])
            #expect(choices[2]?["delta"] == [:] && choices[2]?["finish_reason"] == "length")
            #expect(events[0]["prompt_token_ids"] == [1] && events[0]["usage"] == .null)
            #expect(events[3]["choices"] == [] && events[3]["usage"]?["total_tokens"] == 2)
        }
    }

    @Test func `a stream of a completion sends texts`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/v1/completions",
                ["model": "smol", "prompt": "a", "stream": true, "n": 2]
            )
            let events = try Self.events(reply.text)
            let choices = events.compactMap { $0["choices"]?.arrayValue?.first }
            #expect(choices.map { $0["text"] } == ["fix", "fix", "", ""])
            #expect(choices.map { $0["finish_reason"] } == [.null, .null, "length", "length"])
        }
    }

    @Test func `a stream tells the log-probabilities of what each chunk carries`() async throws {
        try await LiveServer.with { server in
            let chat = try await server.call(
                .post,
                "/v1/chat/completions",
                [
                    "model": "smol", "messages": [["role": "user", "content": "ask"]],
                    "stream": true, "logprobs": true, "top_logprobs": 2,
                ]
            )
            let choices = try Self.events(chat.text).map { $0["choices"]?.arrayValue?.first }
            #expect(choices.count == 3 && choices[0]?["logprobs"] == .null)
            #expect(
                choices[1]?["logprobs"] == [
                    "content": [
                        [
                            "token": "fix", "logprob": -0.5, "bytes": [102, 105, 120],
                            "top_logprobs": [
                                ["token": "t0", "logprob": -1, "bytes": [116, 48]],
                                ["token": "t1", "logprob": -1, "bytes": [116, 49]],
                            ],
                        ]
                    ], "refusal": .null,
                ]
            )
            #expect(choices[2]?["logprobs"] == .null && choices[2]?["finish_reason"] == "length")
            let completion = try await server.call(
                .post,
                "/v1/completions",
                ["model": "smol", "prompt": "a", "stream": true, "logprobs": 1]
            )
            let first = try Self.events(completion.text).first?["choices"]?.arrayValue?.first
            #expect(
                first?["logprobs"] == [
                    "tokens": ["fix"], "token_logprobs": [-0.5],
                    "top_logprobs": [["fix": -0.5, "t0": -1]], "text_offset": [0],
                ]
            )
        }
    }

    @Test func `tokens of a piece have their places in it`() {
        #expect(TextPieces.offsets(of: ["ab", "", "c"], in: "abc") == [0, 2, 2])
        #expect(
            TextPieces.offsets(of: ["a", "\u{FFFD}", "\u{FFFD}", "b", "<end>"], in: "aéb")
                == [0, 1, 1, 2, 3]
        )
        #expect(TextPieces.offsets(of: ["stop", "ped"], in: "") == [0, 0])
        #expect(TextPieces.offsets(of: [], in: "x") == [])
        #expect(TextPieces.offsets(of: [" "], in: "\u{FFFD} ") == [1])
    }

    @Test func `what cannot be done is refused by name, all of it at once`() async throws {
        try await LiveServer.with { server in
            let wrong: Value = [
                "model": "smol", "prompt": "a", "frequency_penalty": 0.5, "suffix": "x",
                "logit_bias": ["1": 2], "best_of": 1, "n": 2, "max_tokens": 0, "temprature": 1,
                "stream_options": ["include_usage": true],
            ]
            let reply = try await server.call(.post, "/v1/completions", wrong)
            #expect(reply.status == 400 && reply.errorCode == "invalid_request")
            let faults = reply.json["error"]?["faults"]?.arrayValue ?? []
            #expect(
                Set(faults.compactMap { $0["path"]?.stringValue }) == [
                    "$.frequency_penalty", "$.suffix", "$.logit_bias", "$.best_of", "$.max_tokens",
                    "$.temprature", "$.stream_options",
                ]
            )
            let chat: Value = [
                "model": "smol", "top_logprobs": 2, "max_tokens": 1, "max_completion_tokens": 2,
                "messages": [["role": "user", "content": [["type": "image_url"]]]],
                "response_format": ["type": "json_object"], "tools": [["type": "function"]],
                "continue_final_message": true,
            ]
            let refused = try await server.call(.post, "/v1/chat/completions", chat)
            #expect(refused.json["error"]?["faults"]?.arrayValue?.count == 6, "\(refused.text)")
            let missing = try await server.call(
                .post,
                "/v1/completions",
                ["model": "missing", "prompt": "a", "stream": true]
            )
            #expect(missing.status == 404 && missing.errorCode == "unknown_model")
        }
    }

    @Test func `a character that is spread over tokens is sent in one piece`() {
        let texts = ["a", "\u{FFFD}", "\u{FFFD}", "b", "<end>"]
        let runs = TextPieces.runs(texts)
        #expect(runs == [0..<1, 1..<3, 3..<4, 4..<5])
        let pieces = TextPieces.pieces(runs, texts: ["a", "é", "b", "<end>"], of: "aéb")
        #expect(pieces.map(\.text) == ["a", "é", "b", ""])
        let cut = TextPieces.pieces(runs, texts: ["a", "é", "b", "<end>"], of: "aé")
        #expect(cut.map(\.text) == ["a", "é", "", ""])
        let special = TextPieces.pieces(runs, texts: ["a", "<end>", "b", "<end>"], of: "ab")
        #expect(special.map(\.text) == ["a", "", "b", ""])
    }
}
