import APITypes
import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// Measuring models and rewards.
    @Suite struct EvaluationTests {
        private static let request: Value = [
            "models": ["tiny"], "prompts": ["ab", "cde", "fg"], "n": 4, "seed": 2,
            "rewards": [Specs.vowels, ["name": "length", "target": 6, "unit": "characters"]],
            "sampling": ["max_tokens": 8],
        ]

        @Test func `a server measures models, and the same again without one`() async throws {
            try await Honed.with { honed in
                try await honed.submit(Specs.online("moved", iterations: 1))
                try await honed.wait("moved")
                let request = Self.request.with(["models": ["moved", "tiny"]])
                let reply = try await honed.post("/v1/evaluations", request)
                try #require(reply.status == 202, "\(reply)")
                let id = try #require(reply["id"]?.text)
                let done = try await Self.end(honed, id)
                _ = try EvaluationObject.schema.check(done)
                try #require(done["state"] == "succeeded", "\(done)")
                let result = try #require(done["result"])
                let model = try #require(result["models"]?.arrayValue?.first)
                #expect(model["completions"] == 12)
                #expect(model["divergence"]?["reference"] == "tiny")
                let exact = try #require(model["divergence"]?["exact"]?.doubleValue)
                #expect(exact > 0 && exact < 1)
                let mass = try #require(model["top_ten_mass"]?.doubleValue)
                #expect(mass > 0.05 && mass < 1)
                #expect(result["comparisons"]?.arrayValue?.count == 2)
                try await Self.command(request, honed, expected: result)
            }
        }

        /// `hone evaluate` asks the server while it has the folder, and does it itself afterwards.
        private static func command(
            _ request: Value,
            _ honed: Honed,
            expected: Value
        ) async throws {
            let folder = try TemporaryFolder()
            let prompts = folder.path + "/prompts.jsonl"
            try Data(#"{"prompt":"ab"}\#n{"prompt":"cde"}\#n{"prompt":"fg"}"#.utf8)
                .write(to: URL(fileURLWithPath: prompts))
            let rewards = try (request["rewards"]?.arrayValue ?? []).flatMap {
                ["--reward", String(decoding: try $0.json, as: UTF8.self)]
            }
            let arguments =
                [
                    "evaluate", "--model", "moved", "--model", "tiny", "--prompts", prompts, "--n",
                    "4", "--seed", "2", "--max-tokens", "8", "--data", honed.data,
                ] + rewards
            honed.program.kill(SIGTERM)
            _ = try await honed.program.exitCode()
            let result = try await Program.run("hone", arguments + ["--json"])
            try #require(result.code == 0, "\(result)")
            let value = try JSONDecoder().decode(Value.self, from: Data(result.output.utf8))
            #expect(value == expected)
            let table = try await Program.run("hone", arguments)
            #expect(table.output.contains("win rate") && table.output.contains("KL exact"))
        }

        @Test func `rewards are judged by pairs and compared on items`() async throws {
            let folder = try TemporaryFolder()
            let pairs = folder.path + "/pairs.jsonl"
            let items = folder.path + "/items.jsonl"
            let lines = (0..<12).map { index in
                let chosen = String(repeating: "ae", count: 1 + index % 4)
                return #"{"prompt":"p","chosen":"\#(chosen)","rejected":"xyz","margin":\#(index)}"#
            }
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: pairs))
            try Data(#"{"prompt":"p","completions":["a","aab","xx"]}"#.utf8)
                .write(to: URL(fileURLWithPath: items))
            let vowels = String(decoding: try Specs.vowels.json, as: UTF8.self)
            let length = #"{"name":"length","target":6,"unit":"characters"}"#
            let judged = try await Program.run(
                "hone",
                ["evaluate", "--reward", vowels, "--pairs", pairs, "--data", folder.path + "/d"]
            )
            try #require(judged.code == 0, "\(judged)")
            #expect(judged.output.contains("1.000") && judged.output.contains("ECE"))
            let compared = try await Program.run(
                "hone",
                [
                    "compare", "--reward", vowels, "--reward", length, "--items", items, "--data",
                    folder.path + "/d", "--json",
                ]
            )
            try #require(compared.code == 0, "\(compared)")
            let value = try JSONDecoder().decode(Value.self, from: Data(compared.output.utf8))
            let agreement = try #require(value["agreements"]?.arrayValue?.first)
            #expect(agreement["texts"] == 3 && agreement["starc"]?.doubleValue != nil)
            let wrong = try await Program.run(
                "hone",
                ["compare", "--reward", vowels, "--items", items, "--data", folder.path + "/d"]
            )
            #expect(wrong.code == 2 && wrong.errors.contains("--reward must be given twice"))
        }

        private static func end(_ honed: Honed, _ id: String) async throws -> Value {
            try await eventually("the end of \(id)") {
                let found = try await honed.get("/v1/evaluations/\(id)")
                let isOver = ["succeeded", "failed", "cancelled"]
                    .contains(found["state"]?.text ?? "")
                return isOver ? found.json : nil
            }
        }
    }
}
