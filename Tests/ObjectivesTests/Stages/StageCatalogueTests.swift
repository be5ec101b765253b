import Domain
import Foundation
import Objectives
import TestSupport
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

    /// What the page says of a stage after its prose.
    private func facts(_ type: any CatalogueEntry.Type) -> String {
        let aliases = type.aliases.map { "`\($0)`" }.joined(separator: ", ")
        let parameters =
            type.parameters.isEmpty ? "No parameters." : Page.table(type.parameters)
        return "Source: \(type.source)." + (aliases.isEmpty ? "" : " Also known as \(aliases).")
            + "\n\n\(parameters)\n"
    }

    /// `HONE_WRITE_DOCS=1` writes all but the prose anew.
    @Test func `the page of the stages has each with its source and parameters`() throws {
        let url = Page.folder.appending(path: "stages.md")
        var page = try String(contentsOf: url, encoding: .utf8)
        for (_, type) in StageCatalogue.all {
            let parts = page.components(separatedBy: "\n### `\(type.name)`\n")
            guard parts.count == 2 else {
                Issue.record("\(type.name)")
                continue
            }
            let section = parts[1].components(separatedBy: "\n##")[0]
            let prose = section.components(separatedBy: "Source: ")[0]
            #expect(prose.contains("\n\(type.summary)"), "\(type.name)")
            if Checkout.writesDocumentation {
                page =
                    parts[0] + "\n### `\(type.name)`\n" + prose + facts(type)
                    + parts[1].dropFirst(section.count)
            } else {
                #expect(section == prose + facts(type))
            }
        }
        if Checkout.writesDocumentation {
            try page.write(to: url, atomically: true, encoding: .utf8)
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
                preset,
                advantage: estimator,
                coefficients: coefficients
            )
        }
    }

    @Test func `a spec's stages replace the preset's one by one, and empty lists turn them off`() {
        let preset = StagePreset(
            rewards: [NamedParameters(name: "clip")],
            rewardKL: RewardKL(coefficient: 0.1),
            filters: [NamedParameters(name: "stale")],
            whiten: .batch
        )
        var spec = StageSpec()
        spec.rewards = []
        spec.rewardKL = RewardKLSpec(coefficient: 0)
        spec.advantageClip = 2
        let found = preset.overridden(by: spec)
        #expect(found.rewards == [] && found.rewardKL == nil && found.advantageClip == 2)
        #expect(found.whiten == .batch && found.filters == preset.filters)
        #expect(preset.overridden(by: nil) == preset)
    }
}
