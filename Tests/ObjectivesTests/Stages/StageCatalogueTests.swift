import Domain
import Foundation
import Objectives
import Testing

@Suite struct StageCatalogueTests {
    @Test func `every stage describes itself and its parameters, under a name of its own`() {
        for (kind, type) in StageCatalogue.all {
            #expect(type.summary.hasSuffix("."), "\(type.name)")
            #expect(!type.source.isEmpty, "\(kind) \(type.name)")
            for parameter in type.parameters {
                #expect(parameter.meaning.hasSuffix("."), "\(type.name) \(parameter.name)")
            }
        }
        for names in Dictionary(grouping: StageCatalogue.all, by: \.kind).values {
            let all = names.flatMap { [$0.type.name] + $0.type.aliases }
            #expect(Set(all).count == all.count)
        }
    }

    @Test func `the page of the stages has each with its parameters and source`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/objectives/stages.md").standardized
        let page = try String(contentsOf: url, encoding: .utf8)
        for (_, type) in StageCatalogue.all {
            let parts = page.components(separatedBy: "### `\(type.name)`")
            #expect(parts.count == 2, "\(type.name)")
            let section = parts.last?.components(separatedBy: "\n##").first ?? ""
            #expect(section.contains("Source: "), "\(type.name)")
            for parameter in type.parameters {
                #expect(section.contains("`\(parameter.name)`"), "\(type.name) \(parameter.name)")
            }
            for alias in type.aliases {
                #expect(section.contains("`\(alias)`"), "\(type.name) \(alias)")
            }
        }
    }

    @Test func `all faults of the stages are found at once, each with its path`() {
        let faults = #expect(throws: Faults.self) {
            try StageFixtures.pipeline("group_mean") {
                $0.rewards = [
                    NamedParameters(name: "clip"), NamedParameters(name: "clop"),
                    NamedParameters(name: "affine", parameters: ["scale": "two"]),
                ]
                $0.credit = NamedParameters(name: "terminal", parameters: ["length": 1])
                $0.filters = [NamedParameters(name: "ranks")]
                $0.controllers = [NamedParameters(name: "lagrange")]
            }
        }
        #expect(
            Set(faults?.list.map(\.path) ?? []) == [
                "$.stages.rewards[1].name", "$.stages.rewards[2].scale", "$.stages.credit.length",
                "$.stages.filters[0].name", "$.stages.controllers[0].cost",
            ]
        )
        #expect(faults?.description.contains("\"rank\"") == true)
    }

    @Test func `every objective's preset makes a pipeline`() throws {
        for type in ObjectiveCatalogue.all {
            let preset = type.preset
            let estimator = try AdvantageCatalogue.make(
                name: preset.advantage.name,
                parameters: preset.advantage.parameters,
                path: "$"
            )
            let coefficients: [ControllerTarget: Double] = [
                .klCoefficient: 0.1, .entropyCoefficient: 0,
            ]
            _ = try AdvantagePipeline(
                preset.stages,
                advantage: estimator,
                coefficients: coefficients
            )
            #expect(preset.value["advantage"]?["name"]?.stringValue == preset.advantage.name)
        }
    }

    @Test func `a spec's stages replace the preset's one by one, and empty lists turn them off`() {
        var preset = StageSpec()
        preset.rewards = [NamedParameters(name: "clip")]
        preset.whiten = .batch
        preset.filters = [NamedParameters(name: "stale")]
        var spec = StageSpec()
        spec.rewards = []
        spec.advantageClip = 2
        let filled = spec.filled(from: preset)
        #expect(filled.rewards == [] && filled.whiten == .batch && filled.advantageClip == 2)
        #expect(filled.filters == preset.filters && filled.credit == nil)
    }
}
