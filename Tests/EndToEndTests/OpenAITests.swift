import Domain
import Foundation
import HTTP
import TestSupport
import Testing

extension EndToEndTests {
    /// What OpenAI's clients do, on the tiny model.
    @Suite struct OpenAITests {
        @Test func `completions are those of a rollout of the same seed, whole and streamed`()
            async throws
        {
            try await Honed.with { honed in
                let sampling: Value = ["max_tokens": 12, "seed": 7, "temperature": 0.8]
                let rollout = try await honed.post(
                    "/v1/rollouts",
                    ["model": "tiny", "prompts": ["abc"], "sampling": sampling]
                )
                let expected = try #require(rollout.data.first, "\(rollout)")
                let request: Value = [
                    "model": "tiny", "prompt": "abc", "max_tokens": 12, "seed": 7,
                    "temperature": 0.8, "logprobs": 2, "return_token_ids": true,
                ]
                let reply = try await honed.post("/v1/completions", request)
                let choice = try #require(reply["choices"]?.arrayValue?.first, "\(reply)")
                #expect(choice["text"] == expected["text"])
                #expect(choice["token_ids"] == expected["tokens"])
                #expect(choice["prompt_token_ids"] == expected["prompt_tokens"])
                let told = try #require(choice["logprobs"])
                let own = try #require(told["token_logprobs"]).numbers
                for (one, other) in zip(own, try #require(expected["logprobs"]).numbers) {
                    #expect(abs(one - other) < 1e-6)
                }
                // The likeliest are told, and the token itself, whose number was computed apart.
                for (top, logprob) in zip(told["top_logprobs"]?.arrayValue ?? [], own) {
                    let numbers = (top.objectValue ?? [:]).values.compactMap(\.doubleValue)
                    #expect((2...3).contains(numbers.count))
                    #expect(try #require(numbers.max()) >= logprob - 1e-4)
                }
                let stream = try await honed.post(
                    "/v1/completions",
                    request.with(["stream": true])
                )
                let texts = stream.text.split(separator: "\n\n").dropLast().compactMap { event in
                    try? JSONDecoder().decode(Value.self, from: Data(event.dropFirst(6).utf8))
                }.compactMap { $0["choices"]?.arrayValue?.first?["text"]?.stringValue }
                #expect(texts.count > 1 && .string(texts.joined()) == expected["text"])
            }
        }

        @Test func `a stream of several choices is what the whole reply is, tokens too`()
            async throws
        {
            try await Honed.with { honed in
                let request: Value = [
                    "model": "tiny", "prompt": ["abc", "d"], "n": 3, "max_tokens": 16, "seed": 2,
                    "stop": ["a", "q"], "return_token_ids": true, "logprobs": 2,
                ]
                let whole = try await honed.post("/v1/completions", request)
                let choices = try #require(whole["choices"]?.arrayValue, "\(whole)")
                let stream = try await honed.post(
                    "/v1/completions",
                    request.with(["stream": true, "stream_options": ["include_usage": true]])
                )
                let events = stream.text.split(separator: "\n\n").dropLast().compactMap { event in
                    try? JSONDecoder().decode(Value.self, from: Data(event.dropFirst(6).utf8))
                }
                for (index, choice) in choices.enumerated() {
                    let parts = events.compactMap { $0["choices"]?.arrayValue?.first }
                        .filter { $0["index"] == .integer(index) }
                    let text = parts.compactMap { $0["text"]?.stringValue }.joined()
                    #expect(.string(text) == choice["text"])
                    let tokens = parts.flatMap { $0["token_ids"]?.arrayValue ?? [] }
                    #expect(.array(tokens) == choice["token_ids"])
                    #expect(parts.last?["finish_reason"] == choice["finish_reason"])
                    // The same names, numbers and places, told with the piece that they are of.
                    let told = parts.compactMap { $0["logprobs"]?.objectValue }
                    #expect(told.count == parts.count - 1 && !told.isEmpty)
                    for name in ["tokens", "token_logprobs", "text_offset"] {
                        let all = told.flatMap { $0[name]?.arrayValue ?? [] }
                        #expect(.array(all) == choice["logprobs"]?[name], "\(name)")
                    }
                    let tops = told.flatMap { $0["top_logprobs"]?.arrayValue ?? [] }
                    let expected = choice["logprobs"]?["top_logprobs"]?.arrayValue ?? []
                    #expect(tops.count == expected.count)
                    for (top, other) in zip(tops, expected) {
                        #expect(
                            Set((top.objectValue ?? [:]).keys)
                                == Set((other.objectValue ?? [:]).keys)
                        )
                        for (name, logprob) in top.objectValue ?? [:] {
                            // Computed in another pass, whose sums have another order.
                            let difference =
                                (logprob.doubleValue ?? 0) - (other[name]?.doubleValue ?? 9)
                            #expect(abs(difference) < 1e-4)
                        }
                    }
                    #expect(parts.first?["prompt_token_ids"] == choice["prompt_token_ids"])
                }
                #expect(events.last?["usage"] == whole["usage"])
            }
        }

        @Test func `a repetition penalty draws other tokens and tells the policy's own numbers`()
            async throws
        {
            try await Honed.with { honed in
                let request: Value = [
                    "model": "tiny", "prompt": "abc", "max_tokens": 24, "temperature": 0,
                    "ignore_eos": true, "return_token_ids": true, "logprobs": 0,
                ]
                func choice(_ further: [String: Value]) async throws -> Value {
                    let reply = try await honed.post("/v1/completions", request.with(further))
                    return try #require(reply["choices"]?.arrayValue?.first, "\(reply)")
                }
                let plain = try await choice([:])
                let neutral = try await choice(["repetition_penalty": 1])
                let penalised = try await choice(["repetition_penalty": 100])
                #expect(neutral == plain)
                func distinct(_ choice: Value) -> Int {
                    Set(choice["token_ids"]?.arrayValue ?? []).count
                }
                #expect(distinct(penalised) > distinct(plain))
                let sampling: Value = [
                    "max_tokens": 24, "temperature": 0, "repetition_penalty": 100,
                ]
                let rollout = try await honed.post(
                    "/v1/rollouts",
                    ["model": "tiny", "prompts": ["abc"], "sampling": sampling]
                )
                // A rollout ends at an end token, which the completion was told to ignore.
                let tokens = try #require(rollout.data.first?["tokens"]?.arrayValue, "\(rollout)")
                #expect(
                    tokens == Array((penalised["token_ids"]?.arrayValue ?? []).prefix(tokens.count))
                )
                // The prompt's tokens count too: the first one that is drawn is none of them.
                let prompt = plain["prompt_token_ids"]?.arrayValue ?? []
                let first = try #require(penalised["token_ids"]?.arrayValue?.first)
                #expect(!prompt.contains(first))
                let drawn = penalised["token_ids"]?.arrayValue ?? []
                let scored = try await honed.post(
                    "/v1/completions",
                    [
                        "model": "tiny", "prompt": .array(prompt + drawn), "max_tokens": 0,
                        "echo": true, "logprobs": 0,
                    ]
                )
                let read = scored["choices"]?.arrayValue?.first?["logprobs"]?["token_logprobs"]
                let own = try #require(penalised["logprobs"]?["token_logprobs"]).numbers
                for (one, other) in zip(own, (read?.numbers ?? []).dropFirst(prompt.count - 1)) {
                    #expect(abs(one - other) < 1e-4)
                }
                let chat = try await honed.post(
                    "/v1/chat/completions",
                    [
                        "model": "tiny", "messages": [["role": "user", "content": "hi"]],
                        "max_tokens": 4, "repetition_penalty": 0,
                    ]
                )
                #expect(
                    chat["error"]?["faults"]?.arrayValue?.first?["path"] == "$.repetition_penalty"
                )
            }
        }

        @Test func `echo, best of several, ended and endless completions`() async throws {
            try await Honed.with { honed in
                let read = try await honed.post(
                    "/v1/completions",
                    [
                        "model": "tiny", "prompt": "abc", "max_tokens": 0, "echo": true,
                        "logprobs": 1,
                    ]
                )
                let logprobs = read["choices"]?.arrayValue?.first?["logprobs"]
                #expect(logprobs?["tokens"] == ["a", "b", "c"], "\(read)")
                #expect(logprobs?["text_offset"] == [0, 1, 2])
                #expect(logprobs?["token_logprobs"]?.numbers.count == 2)
                let draw: Value = [
                    "model": "tiny", "prompt": "abc", "max_tokens": 20, "seed": 1,
                    "return_token_ids": true, "logprobs": 0,
                ]
                let best = try await honed.post(
                    "/v1/completions",
                    draw.with(["best_of": 6, "n": 6])
                )
                #expect(best["choices"]?.arrayValue?.count == 6, "\(best)")
                let first = try await honed.post(
                    "/v1/completions",
                    draw.with(["best_of": 6, "n": 1])
                )
                func mean(_ choice: Value) -> Double {
                    let numbers = choice["logprobs"]?["token_logprobs"]?.numbers ?? []
                    return numbers.reduce(0, +) / Double(max(1, numbers.count))
                }
                let all = (best["choices"]?.arrayValue ?? []).map(mean)
                let chosen = try #require(first["choices"]?.arrayValue?.first)
                #expect(try #require(all.max()) == mean(chosen))
                // A token that was drawn ends the same draw when it is named.
                let ids = try #require(chosen["token_ids"]?.arrayValue)
                let endless = try await honed.post(
                    "/v1/completions",
                    draw.with(["ignore_eos": true])
                )
                let whole = try #require(endless["choices"]?.arrayValue?.first?["token_ids"])
                #expect(whole.arrayValue?.count == 20 && !ids.isEmpty)
                let stopped = try await honed.post(
                    "/v1/completions",
                    draw.with([
                        "ignore_eos": true, "stop_token_ids": [whole.arrayValue?[3] ?? 0],
                    ])
                )
                let end = try #require(stopped["choices"]?.arrayValue?.first)
                #expect(end["finish_reason"] == "stop")
                #expect((end["token_ids"]?.arrayValue?.count ?? 9) <= 4)
            }
        }

        @Test func `a chat continues the conversation and an unknown model is not found`()
            async throws
        {
            try await Honed.with { honed in
                let chat: Value = [
                    "model": "tiny", "messages": [["role": "user", "content": "hi"]],
                    "max_completion_tokens": 6, "n": 2, "seed": 3, "logprobs": true,
                    "top_logprobs": 3,
                ]
                let reply = try await honed.post("/v1/chat/completions", chat)
                #expect(reply["choices"]?.arrayValue?.count == 2, "\(reply)")
                let usage = try #require(reply["usage"])
                #expect(usage["prompt_tokens"] == .integer("[user:hi][assistant:".count))
                let content = reply["choices"]?.arrayValue?.first?["logprobs"]?["content"]
                #expect(content?.arrayValue?.first?["top_logprobs"]?.arrayValue?.count == 3)
                let missing = try await honed.post(
                    "/v1/chat/completions",
                    chat.with(["model": "none"])
                )
                #expect(missing.status == 404 && missing.errorCode == "unknown_model")
            }
        }
    }
}
