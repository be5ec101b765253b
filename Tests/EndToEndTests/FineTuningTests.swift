import Domain
import Foundation
import HTTP
import TestSupport
import Testing

extension EndToEndTests {
    /// Files and fine-tuning jobs of OpenAI's clients, on the tiny model.
    @Suite struct FineTuningTests {
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
