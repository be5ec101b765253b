import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// Each mistake gets one clear message that names the thing.
    @Suite struct BadInputTests {
        /// A mistake in a model's files and what the answer to it says.
        private struct BadModel: Sendable {
            var code = "invalid_model_file"
            var words: [String]
            var spoil: @Sendable (_ folder: String) throws -> Void
        }

        private static func write(_ bytes: [UInt8], _ path: String) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }

        private static func replace(_ file: String, _ old: String, _ new: String) throws {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let changed = text.replacing(old, with: new)
            try #require(changed != text)
            try write(Array(changed.utf8), file)
        }

        private static let badModels = [
            BadModel(words: ["model.safetensors"]) { folder in
                let file = folder + "/model.safetensors"
                let whole = try Data(contentsOf: URL(fileURLWithPath: file))
                try write(Array(whole.prefix(whole.count / 2)), file)
            },
            BadModel(words: ["model.safetensors"]) { folder in
                let absurd: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 127, 123]
                try write(absurd, folder + "/model.safetensors")
            },
            BadModel(code: "unsupported_model", words: ["mamba", "config.json"]) { folder in
                try replace(folder + "/config.json", "\"llama\"", "\"mamba\"")
                try replace(folder + "/config.json", "LlamaFor", "MambaFor")
            },
            BadModel(code: "vocabulary_mismatch", words: ["97", "120"]) { folder in
                try replace(folder + "/tokenizer.json", ":96", ":119")
            },
        ]

        @Test func `spoilt model folders are refused by name`() async throws {
            try await Honed.with(model: false) { honed in
                for bad in Self.badModels {
                    let folder = try TemporaryFolder()
                    let path = folder.path + "/model"
                    try TinyModelFolder.write(to: path)
                    try bad.spoil(path)
                    try await Self.refuses(honed, path, bad.code, bad.words)
                }
                #expect(try await honed.get("/v1/models").data.isEmpty)
            }
        }

        @Test func `spoilt GGUF files are refused by name`() async throws {
            try await Honed.with(model: false) { honed in
                let folder = try TemporaryFolder()
                let path = folder.path + "/spoilt.gguf"
                let beginnings = [
                    Array("NOPE\u{3}\0\0\0".utf8), Array("GGUF\u{3}\0\0\0".utf8),
                    Array("GGUF\u{3}\0\0\0".utf8) + [UInt8](repeating: 255, count: 16), [],
                ]
                for bytes in beginnings {
                    try Self.write(bytes, path)
                    try await Self.refuses(honed, path, "invalid_model_file", ["spoilt.gguf"])
                }
                let missing = folder.path + "/absent"
                let reply = try await honed.post(
                    "/v1/models",
                    ["name": "bad", "path": .string(missing)]
                )
                #expect(reply.status == 404 && reply.message.contains(missing), "\(reply)")
            }
        }

        private static func refuses(
            _ honed: Honed,
            _ path: String,
            _ code: String,
            _ words: [String]
        ) async throws {
            let reply = try await honed.post("/v1/models", ["name": "bad", "path": .string(path)])
            #expect(reply.status == 422 && reply.errorCode == code, "\(reply)")
            for word in words { #expect(reply.message.contains(word), "\(reply)") }
        }

        @Test func `unknown models and long prompts are named`() async throws {
            try await Honed.with { honed in
                let unknown = try await honed.post(
                    "/v1/rollouts",
                    ["model": "tinny", "prompts": ["a"]]
                )
                #expect(unknown.status == 404 && unknown.errorCode == "unknown_model")
                #expect(unknown.message.contains("tinny") && unknown.message.contains("\"tiny\""))
                let long = Value.string(String(repeating: "a", count: 200))
                let reply = try await honed.post(
                    "/v1/rollouts",
                    ["model": "tiny", "prompts": [long]]
                )
                #expect(reply.status == 400 && reply.errorCode == "prompt_too_long", "\(reply)")
                #expect(reply.message.contains("200") && reply.message.contains("128"), "\(reply)")
                let sources: [Value] = [["model": "tiny"], ["model": "tiny", "prompts": []]]
                for body in sources {
                    let reply = try await honed.post("/v1/rollouts", body)
                    #expect(reply.status == 400 && reply.faultPaths == ["$.prompts"], "\(reply)")
                }
            }
        }

        @Test func `all faults of a spec are listed with their paths`() async throws {
            try await Honed.with { honed in
                let spec = Specs.online("bad").with([
                    "iterations": 0, "model": "tinny", "sampling": ["temprature": 1],
                    "optimizer": ["learning_rate": "fast"],
                ])
                let reply = try await honed.post("/v1/runs", spec)
                #expect(reply.status == 400 && reply.errorCode == "invalid_spec", "\(reply)")
                let expected: Set = [
                    "$.iterations", "$.sampling.temprature", "$.optimizer.learning_rate",
                ]
                #expect(Set(reply.faultPaths).isSuperset(of: expected), "\(reply)")
                #expect(reply.text.contains("temperature"))
            }
        }

        @Test func `empty and missing files of a spec are named`() async throws {
            try await Honed.with { honed in
                let folder = try TemporaryFolder()
                let empty = folder.path + "/prompts.jsonl"
                try Self.write([], empty)
                for file in [empty, folder.path + "/absent.jsonl"] {
                    let spec = Specs.online("bad").with([
                        "prompts": ["file": .string(file)], "model": "tinny",
                    ])
                    let reply = try await honed.post("/v1/runs", spec)
                    #expect(reply.status == 400, "\(reply)")
                    #expect(reply.text.contains(URL(fileURLWithPath: file).lastPathComponent))
                    #expect(reply.faultPaths.contains { $0.hasPrefix("$.prompts") }, "\(reply)")
                    #expect(reply.faultPaths.contains("$.model"), "\(reply)")
                }
                let long = Value.string(String(repeating: "a", count: 200))
                let spec = Specs.online("bad").with(["prompts": ["items": [long]]])
                let reply = try await honed.post("/v1/runs", spec)
                if reply.status == 202 {
                    let run = try await honed.wait("bad", "failed")
                    #expect(run["error"]?["code"] == "prompt_too_long", "\(run)")
                } else {
                    #expect(reply.status == 400 && reply.text.contains("200"), "\(reply)")
                }
            }
        }

        @Test func `a second honed says what the first one holds`() async throws {
            try await Honed.with(model: false) { honed in
                let process = String(honed.program.processID)
                let second = try await Program.run("honed", ["--port", "0", "--data", honed.data])
                #expect(second.code == 1 && second.errors.contains(process), "\(second)")
                #expect(second.errors.contains(honed.data))
                let port = String(honed.url.split(separator: ":").last ?? "")
                let folder = try TemporaryFolder()
                let third = try await Program.run("honed", ["--port", port, "--data", folder.path])
                #expect(third.code == 1 && third.errors.contains(port), "\(third)")
                let headless = try await Program.run(
                    "hone",
                    ["logprobs", "--model", "tiny", "--data", honed.data]
                )
                #expect(headless.code == 1 && headless.errors.contains(process), "\(headless)")
                #expect(try await Program.run("honed", ["--prot", "1"]).code == 2)
                #expect(try await honed.get("/healthz").status == 200)
            }
        }
    }
}
