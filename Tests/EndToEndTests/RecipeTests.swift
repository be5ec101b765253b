import Domain
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// The recipes of the documentation, at a size that takes moments, on a real model.
    @Suite struct RecipeTests {
        private static let standIns = RecipeStandIns(model: "policy", rewardModel: "reward")

        /// A policy that knows nothing, and a reward model over it.
        private static func prepare(_ honed: Honed) async throws {
            let sizes: Value = [
                "tokenizer": "ascii", "layers": 2, "hidden": 16, "heads": 2, "context": 128,
            ]
            let made = try await honed.post("/v1/models", ["name": "policy", "create": sizes])
            try #require(made.status == 201, "\(made)")
            try await honed.submit(Specs.rewardModel("reward").with(["model": "policy"]))
            try await honed.wait("reward")
        }

        @Test func `every recipe runs, learns, and shows in its metrics what it is about`()
            async throws
        {
            let pages = RecipePage.all
            try #require(pages.count >= 20)
            try await Honed.with(model: false) { honed in
                try await Self.prepare(honed)
                var accepted: [RecipePage] = []
                for page in pages {
                    let spec = page.shrunk(Self.standIns, name: page.name).with([
                        "optimizer": ["learning_rate": 1e-3]
                    ])
                    let reply = try await honed.post("/v1/runs", spec)
                    #expect(reply.status == 202, "\(page.name): \(reply)")
                    if reply.status == 202 { accepted.append(page) }
                }
                for page in accepted {
                    try await honed.wait(page.name)
                    try await Self.check(honed, page)
                }
            }
        }

        private static func check(_ honed: Honed, _ page: RecipePage) async throws {
            let iterations = try await honed.get("/v1/runs/\(page.name)/metrics").data
            let metrics = iterations.compactMap { $0["metrics"]?.objectValue }
            try #require(metrics.count > 1, "\(page.name)")
            for (name, value) in metrics.joined() {
                #expect(value.doubleValue?.isFinite == true, "\(page.name): \(name) \(value)")
            }
            let known = Set(metrics.flatMap(\.keys))
            #expect(known.isSuperset(of: page.watched), "\(page.name): \(known.sorted())")
            #expect(!page.watched.isEmpty, "\(page.name) names no metrics to watch")
            let norms = metrics.compactMap { $0["optimizer/gradient_norm"]?.doubleValue }
            #expect(norms.contains { $0 > 0 }, "\(page.name): \(norms)")
            // A model of adapters has its base's weights.
            guard page.spec["adapter"] == nil else { return }
            #expect(try weights(honed, page.name) != weights(honed, "policy"), "\(page.name)")
        }

        private static func weights(_ honed: Honed, _ model: String) throws -> Data {
            let path = "\(honed.data)/models/\(model)/model.safetensors"
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }

        @Test func `the command line lists the recipes, and writes a spec as its page has it`()
            async throws
        {
            let list = try await Program.run("hone", ["recipes"])
            #expect(list.code == 0, "\(list.errors)")
            let lines = list.output.split(separator: "\n")
            #expect(lines.count == RecipePage.all.count)
            for page in RecipePage.all {
                #expect(lines.contains { $0.hasPrefix(page.name + " ") }, "\(page.name)")
            }
            let page = try #require(RecipePage.all.first { $0.name == "rlhf-workflow" })
            let spec = try await Program.run("hone", ["recipes", page.name])
            #expect(spec.code == 0 && spec.output == page.text + "\n", "\(spec)")
            let unknown = try await Program.run("hone", ["recipes", "gropo"])
            #expect(unknown.code == 2 && unknown.errors.contains("did you mean"), "\(unknown)")
        }

        @Test func `the index links every recipe, and every page says what the others say`() throws
        {
            let readme = RecipePage.folder.appendingPathComponent("README.md")
            let index = try String(contentsOf: readme, encoding: .utf8)
            for page in RecipePage.all {
                #expect(index.contains("](\(page.name).md)"), "\(page.name)")
                for heading in ["Source", "What differs", "Data", "Metrics to watch"] {
                    #expect(page.section(heading)?.isEmpty == false, "\(page.name): \(heading)")
                }
            }
        }
    }
}

extension RecipePage {
    /// The body of a section.
    func section(_ heading: String) -> String? {
        let file = Self.folder.appendingPathComponent("\(name).md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let parts = text.components(separatedBy: "\n## \(heading)\n\n")
        return parts.count == 2 ? parts[1].components(separatedBy: "\n## ")[0] : nil
    }

    /// The metrics that show what the recipe does.
    var watched: Set<String> {
        let words = (section("Metrics to watch") ?? "").components(separatedBy: "`")
        return Set(words.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
    }
}
