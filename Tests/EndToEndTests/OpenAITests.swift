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

        /// Uploads lines as OpenAI's clients do; the file's id.
        private static func upload(_ honed: Honed, _ records: [Value]) async throws -> Value {
            let lines = try records.map { String(decoding: try $0.json, as: UTF8.self) }
            let head = "--b\r\nContent-Disposition: form-data; name="
            let body =
                "\(head)\"purpose\"\r\n\r\nfine-tune\r\n\(head)\"file\"; filename=\"a.jsonl\""
                + "\r\n\r\n\(lines.joined(separator: "\n"))\n\r\n--b--\r\n"
            let reply = Reply(
                try await HTTPClient.patient.send(
                    ClientRequest(
                        .post,
                        try HTTPURL(honed.url + "/v1/files"),
                        headers: ["content-type": "multipart/form-data; boundary=b"],
                        body: Array(body.utf8)
                    )
                )
            )
            return try #require(reply["id"], "\(reply)")
        }

        private static func finished(_ honed: Honed, _ request: Value) async throws -> Value {
            let path = "/v1/fine_tuning/jobs"
            let created = try await honed.post(path, request)
            let id = try #require(created["id"]?.stringValue, "\(created)")
            try await honed.wait(id)
            return try await honed.get("\(path)/\(id)").json
        }

        private static func user(_ text: String) -> Value {
            ["role": "user", "content": .string(text)]
        }

        private static func assistant(_ text: String) -> Value {
            ["role": "assistant", "content": .string(text)]
        }

        @Test func `demonstrations are learned from to a model that samples`() async throws {
            try await Honed.with { honed in
                let conversation: [Value] = [
                    Self.user("hi"), Self.assistant("abab"), Self.user("yo"),
                    Self.assistant("abab"),
                ]
                let file = try await Self.upload(
                    honed,
                    Array(repeating: ["messages": .array(conversation)], count: 4)
                )
                let numbers: Value = [
                    "n_epochs": 8, "batch_size": 4, "learning_rate_multiplier": 1000,
                ]
                let job = try await Self.finished(
                    honed,
                    [
                        "model": "tiny", "training_file": file, "suffix": "abab",
                        "hyperparameters": numbers,
                    ]
                )
                #expect(job["status"] == "succeeded" && job["hyperparameters"] == numbers)
                // Both answers of each conversation, eight times, and their prompts: at least.
                let tokens = try #require(job["trained_tokens"]?.integerValue, "\(job)")
                #expect(tokens > 8 * 4 * 2 * 5)
                let name = try #require(job["fine_tuned_model"]?.stringValue)
                #expect(name.hasPrefix("ft-tiny-abab-"))
                let chat: Value = [
                    "messages": [Self.user("hi")], "temperature": 0, "max_tokens": 8,
                ]
                let answer = try await honed.post(
                    "/v1/chat/completions",
                    chat.with(["model": .string(name)])
                )
                let text = answer["choices"]?.arrayValue?.first?["message"]?["content"]
                #expect(text == "abab", "\(answer)")
                let id = try #require(job["id"]?.stringValue)
                let path = "/v1/fine_tuning/jobs/\(id)"
                let kept = try await honed.get("\(path)/checkpoints?limit=2")
                #expect(kept.data.count == 2 && kept["has_more"] == true)
                let checkpoint = try #require(kept.data[1]["fine_tuned_model_checkpoint"])
                let earlier = try await honed.post(
                    "/v1/chat/completions",
                    chat.with(["model": checkpoint])
                )
                #expect(earlier.status == 200, "\(earlier)")
                let events = try await honed.get("\(path)/events?limit=3")
                #expect(events.data.count == 3 && events["has_more"] == true)
                #expect(events.data.contains { $0["message"] == "succeeded" })
                let next = try #require(events.data.last?["id"]?.stringValue)
                let more = try await honed.get("\(path)/events?after=\(next)&limit=1000")
                #expect(more["has_more"] == false && !more.data.isEmpty)
            }
        }

        @Test func `jobs on pairs and on a grader run to their end`() async throws {
            try await Honed.with { honed in
                let pairs: [Value] = (0..<6).map { index in
                    [
                        "input": ["messages": [Self.user("q\(index)")]],
                        "preferred_output": [Self.assistant("aaaa")],
                        "non_preferred_output": [Self.assistant("zz\(index)")],
                    ]
                }
                let dpo = try await Self.finished(
                    honed,
                    [
                        "model": "tiny", "training_file": try await Self.upload(honed, pairs),
                        "method": [
                            "type": "dpo",
                            "dpo": ["hyperparameters": ["n_epochs": 2, "beta": 0.2]],
                        ],
                    ]
                )
                #expect(dpo["status"] == "succeeded", "\(dpo)")
                let prompts: [Value] = (0..<4).map { index in
                    ["messages": [Self.user("q\(index)")], "answer": "a"]
                }
                let file = try await Self.upload(honed, prompts)
                let grader: Value = [
                    "type": "string_check", "name": "holds", "operation": "ilike",
                    "input": "{{sample.output_text}}", "reference": "{{item.answer}}",
                ]
                let rft = try await Self.finished(
                    honed,
                    [
                        "model": "tiny", "training_file": file, "validation_file": file,
                        "method": [
                            "type": "reinforcement",
                            "reinforcement": [
                                "grader": grader, "hyperparameters": ["n_epochs": 1],
                            ],
                        ],
                    ]
                )
                #expect(rft["status"] == "succeeded", "\(rft)")
                let jobs = try await honed.get("/v1/fine_tuning/jobs?limit=1")
                #expect(jobs.data.first?["id"] == rft["id"] && jobs["has_more"] == true)
                let graded = try await honed.post(
                    "/v1/fine_tuning/alpha/graders/run",
                    ["grader": grader, "model_sample": "An apple", "item": ["answer": "A"]]
                )
                #expect(graded["reward"] == 1, "\(graded)")
                let missing = try await honed.post(
                    "/v1/fine_tuning/alpha/graders/run",
                    ["grader": grader, "model_sample": "An apple", "item": [:]]
                )
                #expect(missing["reward"] == .null, "\(missing)")
                let errors = missing["metadata"]?["errors"]
                #expect(errors?["invalid_variable_error"] == true)
                let wrong = try await honed.post(
                    "/v1/fine_tuning/alpha/graders/validate",
                    ["grader": grader.with(["operation": "equals"])]
                )
                #expect(wrong.status == 400 && wrong.message.contains("$.grader.operation"))
            }
        }

        @Test func `an uploaded file outlives the server's death and is what was sent`()
            async throws
        {
            let folder = try TemporaryFolder()
            let first = try await Honed(data: folder.path + "/data")
            let id = try await Self.upload(first, [["prompt": "é"]])
            first.program.kill(SIGKILL)
            _ = try await first.program.exitCode()
            try Data("stray".utf8).write(
                to: URL(fileURLWithPath: folder.path + "/data/files/file-stray")
            )
            let second = try await Honed(data: folder.path + "/data")
            defer { second.program.kill(SIGKILL) }
            let path = "/v1/files/\(id.stringValue ?? "")"
            let content = try await second.get(path + "/content")
            #expect(content.text == "{\"prompt\":\"é\"}\n")
            #expect(try await second.get(path)["bytes"] == .integer(content.bytes.count))
            let left = try FileManager.default.contentsOfDirectory(
                atPath: folder.path + "/data/files"
            )
            #expect(left == [id.stringValue ?? ""])
            #expect(try await second.delete(path)["deleted"] == true)
            #expect(try await second.get(path).status == 404)
        }
    }
}
