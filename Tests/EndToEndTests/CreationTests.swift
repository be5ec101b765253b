import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// Models that are trained from nothing.
    @Suite struct CreationTests {
        @Test func `a model is made by the server and learns`() async throws {
            try await Honed.with(model: false) { honed in
                let sizes: Value = [
                    "tokenizer": "bytes", "layers": 2, "hidden": 32, "heads": 4, "kv_heads": 2,
                    "context": 64, "seed": 3,
                ]
                let request: Value = ["name": "novice", "create": sizes]
                let reply = try await honed.post("/v1/models", request)
                try #require(reply.status == 201, "\(reply)")
                #expect(reply["vocabulary_size"] == 259 && reply["owned_by"] == "create")
                #expect(try await honed.post("/v1/models", request).status == 409)
                let items: Value = [
                    ["prompt": "ab", "completion": "cd"], ["prompt": "ef", "completion": "gh"],
                ]
                let spec = Specs.sft("copy").with(["model": "novice", "data": ["items": items]])
                try await honed.submit(spec)
                try await honed.wait("copy")
                let rollout = try await honed.post(
                    "/v1/rollouts",
                    ["model": "copy", "prompts": ["ab"], "sampling": ["temperature": 0]]
                )
                #expect(rollout.data.first?["text"] == "cd", "\(rollout)")
                let unknown = try await honed.post(
                    "/v1/models",
                    ["name": "other", "create": sizes.with(["tokenizer": "novise"])]
                )
                #expect(unknown.status == 404 && unknown.message.contains("\"novice\""))
            }
        }

        @Test func `the command line makes one too, headless`() async throws {
            let folder = try TemporaryFolder()
            let text = folder.path + "/text"
            try Data(String(repeating: "one two three ", count: 30).utf8)
                .write(to: URL(fileURLWithPath: text))
            let sizes = ["--layers", "1", "--hidden", "16", "--heads", "2"]
            let data = ["--data", folder.path + "/data"]
            let learned = ["--tokenizer", "bytes", "--tokenizer-text", text, "--vocabulary", "300"]
            let made = try await Program.run("hone", ["create", "novice"] + learned + sizes + data)
            #expect(made.code == 0 && made.output.hasPrefix("created novice: llama, "), "\(made)")
            let shared = ["create", "sibling", "--tokenizer", "novice"] + sizes + data
            let sibling = try await Program.run("hone", shared)
            #expect(sibling.code == 0, "\(sibling)")
            let wrong = try await Program.run(
                "hone",
                ["create", "x", "--tokenizer", "ascii"] + data
            )
            #expect(wrong.code == 2 && wrong.errors.contains("--layers is required"), "\(wrong)")
        }
    }
}
