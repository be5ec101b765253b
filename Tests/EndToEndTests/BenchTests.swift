import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// `hone-bench` on a tiny model: that it measures, not how fast.
    @Suite struct BenchTests {
        private struct Outcome {
            let code: Int32
            let output: String
            let errors: String

            /// The JSON that it wrote.
            var report: Value {
                get throws { try JSONDecoder().decode(Value.self, from: Data(output.utf8)) }
            }
        }

        private static func bench(_ options: [String], context: Int = 128) async throws -> Outcome {
            let folder = try TemporaryFolder()
            let model = folder.path + "/model"
            try TinyModelFolder.write(to: model)
            let file = URL(fileURLWithPath: model + "/config.json")
            let field = "\"max_position_embeddings\": "
            let text = try String(contentsOf: file, encoding: .utf8)
            try #require(text.contains(field + "128"))
            let longer = text.replacing(field + "128", with: field + String(context))
            try Data(longer.utf8).write(to: file)
            let run = try await Program.run(
                "hone-bench",
                [model, "--repetitions", "2", "--threads", "2"] + options
            )
            return Outcome(code: run.code, output: run.output, errors: run.errors)
        }

        private static func report(
            _ cases: String,
            _ options: [String] = [],
            context: Int = 128
        ) async throws -> (code: Int32, report: Value) {
            let words = ["--json", "--cases", cases] + options
            let run = try await bench(words, context: context)
            return (run.code, try run.report)
        }

        @Test func `each case is measured with its memory and its share of the machine`()
            async throws
        {
            let (code, report) = try await Self.report("decode-1,online-dpo,checkpoint,open")
            #expect(code == 0, "\(report)")
            let cases = try #require(report["cases"]?.arrayValue)
            let names = cases.compactMap { $0["name"]?.text }
            #expect(
                names == [
                    "gemm-peak", "memory-bandwidth", "decode-1", "online-dpo", "checkpoint", "open",
                ]
            )
            for result in cases {
                let seconds = try #require(result["seconds"])
                let order = ["min", "median", "max"].compactMap { seconds[$0]?.doubleValue }
                #expect(order == order.sorted() && order.count == 3)
                #expect((order.first ?? 0) > 0)
                #expect(seconds["count"] == 2)
                #expect((result["peak_memory_bytes"]?.integerValue ?? 0) > 1 << 20)
            }
            let decode = cases[2]
            #expect(decode["tokens"] == 64)
            #expect((decode["bandwidth_fraction"]?.doubleValue ?? 0) > 0)
            #expect((cases[3]["gemm_fraction"]?.doubleValue ?? 0) > 0)
            #expect(report["machine"]?["cores"]?.integerValue ?? 0 > 0)
        }

        @Test func `a saving is shown when both sides of it were measured`() async throws {
            let (code, report) = try await Self.report(
                "dpo-stored,dpo-apart,dpo-lora",
                ["--in-process"],
                context: 256
            )
            #expect(code == 0, "\(report)")
            let savings = try #require(report["savings"]?.arrayValue)
            #expect(savings.compactMap { $0["with"]?.text } == ["dpo-stored"])
            #expect(savings.compactMap { $0["without"]?.text } == ["dpo-apart"])
            #expect((savings.first?["speedup"]?.doubleValue ?? 0) > 0)
        }

        @Test func `a case that cannot be measured says why and costs no other`() async throws {
            let (code, report) = try await Self.report("grpo,decode-1", ["--in-process"])
            #expect(code == 1)
            let cases = try #require(report["cases"]?.arrayValue)
            #expect(cases.filter { $0["error"] != nil }.compactMap { $0["name"]?.text } == ["grpo"])
            #expect(cases[0]["error"]?.text?.contains("context") == true)
            #expect((cases[1]["tokens_per_second"]?.doubleValue ?? 0) > 0)
        }

        @Test func `mistyped cases are refused with the nearest name`() async throws {
            let run = try await Self.bench(["--cases", "decode-9"])
            #expect(run.code == 2)
            #expect(run.errors.contains("there is no case decode-9; did you mean decode-"))
        }

        @Test func `every case is listed by a name of its own`() async throws {
            let run = try await Program.run("hone-bench", ["--list"])
            #expect(run.code == 0)
            let names = run.output.split(separator: "\n").compactMap {
                $0.split(separator: " ").first
            }
            #expect(names.count >= 20)
            #expect(Set(names).count == names.count)
        }
    }
}
