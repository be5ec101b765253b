import Domain
import Foundation
import Objectives
import TestSupport
import Testing

/// What all entries of both catalogues must keep.
struct Entry: Sendable, CustomStringConvertible {
    let type: any CatalogueEntry.Type

    var description: String { type.name }

    static let all: [Entry] =
        ObjectiveCatalogue.all.map { Entry(type: $0) }
        + AdvantageCatalogue.all.map { Entry(type: $0) }

    func make(_ parameters: [String: Value]) throws(Faults) {
        let value = Value.object(parameters)
        if type is any Objective.Type {
            _ = try ObjectiveCatalogue.make(name: type.name, parameters: value, path: "$")
        } else {
            _ = try AdvantageCatalogue.make(name: type.name, parameters: value, path: "$")
        }
    }
}

@Suite struct CatalogueTests {
    @Test(arguments: Entry.all)
    func `describes itself and every parameter`(_ entry: Entry) {
        #expect(entry.type.summary.hasSuffix("."))
        #expect(!entry.type.source.isEmpty)
        for parameter in entry.type.parameters {
            #expect(parameter.meaning.hasSuffix("."), "\(parameter.name)")
        }
    }

    @Test(arguments: Entry.all)
    func `accepts its own defaults and every sample, spelled out`(_ entry: Entry) throws {
        var complete: [String: Value] = [:]
        for parameter in entry.type.parameters {
            complete[parameter.name] = parameter.defaultValue ?? parameter.samples.first
        }
        try entry.make(complete)
        for parameter in entry.type.parameters {
            for sample in parameter.samples {
                try entry.make(complete.merging([parameter.name: sample]) { $1 })
            }
        }
    }

    @Test(arguments: Entry.all)
    func `refuses unknown parameters by path`(_ entry: Entry) {
        let faults = #expect(throws: Faults.self) { try entry.make(["bewilder": 1]) }
        #expect(faults?.list.contains { $0.path == "$.bewilder" } == true)
    }

    @Test(arguments: Entry.all)
    func `refuses parameters of the wrong kind or out of range`(_ entry: Entry) {
        for parameter in entry.type.parameters {
            for bad in wrong(parameter) {
                let faults = #expect(throws: Faults.self, "\(bad)") {
                    try entry.make([parameter.name: bad])
                }
                let path = "$." + parameter.name
                #expect(faults?.list.contains { $0.path == path } == true)
            }
        }
    }

    @Test(arguments: Entry.all)
    func `has a page with its equation, source and evidence`(_ entry: Entry) throws {
        let page = try Page(entry)
        #expect(page.text.hasPrefix("# `\(entry.type.name)`"))
        for heading in ["Equation", "Source", "Parameters", "Data", "Published code"] {
            #expect(page.section(heading)?.isEmpty == false, "\(heading)")
        }
        #expect(page.text.contains("Evidence:"))
    }

    /// `HONE_WRITE_DOCS=1` writes the two sections anew.
    @Test(arguments: Entry.all)
    func `has a page that says what the code says`(_ entry: Entry) throws {
        var page = try Page(entry)
        if Checkout.writesDocumentation {
            page.text = page.replacing("Parameters", by: page.parameters, before: "Data")
            page.text = page.replacing("At a glance", by: page.facts, before: "Parameters")
            try page.text.write(to: page.url, atomically: true, encoding: .utf8)
        }
        #expect(page.section("Parameters") == page.parameters)
        #expect(page.section("At a glance") == page.facts)
    }

    @Test func `the page of policy gradients names every stage, parameter and word`() throws {
        let url = Page.folder.appending(path: "policy-gradients.md")
        let page = try String(contentsOf: url, encoding: .utf8)
        let grpo = try #require(ObjectiveCatalogue.type(named: "grpo"))
        for parameter in grpo.parameters {
            #expect(page.contains("`\(parameter.name)`"), "\(parameter.name)")
            guard case .choice(let words) = parameter.kind else { continue }
            for word in words where word != parameter.defaultValue?.stringValue {
                #expect(page.contains("`\(word)`"), "\(parameter.name) \(word)")
            }
        }
        let presets = ObjectiveCatalogue.all.filter { type in
            type.parameters.contains { $0.name == "surrogate" }
        }
        for type in presets { #expect(page.contains("`\(type.name)`"), "\(type.name)") }
    }

    @Test func `an abbreviation of several methods is refused with what to write`() throws {
        for name in ["tpo", "hypo", "spo", "apo"] {
            let faults = #expect(throws: Faults.self) {
                try ObjectiveCatalogue.make(name: name, parameters: [:], path: "$.objective")
            }
            #expect(faults?.list.first?.message.contains("several methods") == true)
        }
    }

    @Test func `names and aliases are unique within a catalogue`() {
        for names in [
            ObjectiveCatalogue.all.flatMap { [$0.name] + $0.aliases },
            AdvantageCatalogue.all.flatMap { [$0.name] + $0.aliases },
        ] {
            #expect(Set(names).count == names.count)
        }
    }

    @Test func `an unknown name is refused with the nearest known one`() {
        let faults = #expect(throws: Faults.self) {
            try ObjectiveCatalogue.make(name: "dpoo", parameters: [:], path: "$.objective")
        }
        #expect(faults?.list.first?.path == "$.objective.name")
        #expect(faults?.list.first?.message.contains("\"dpo\"") == true)
    }

    @Test func `an alias finds its entry and the name field may be ignored`() throws {
        let spec: Value = ["name": "robust", "beta": 0.2]
        let objective = try ObjectiveCatalogue.make(
            name: "robust",
            parameters: spec,
            path: "$",
            ignoring: ["name"]
        )
        #expect(type(of: objective).name == "robust_dpo")
    }

    private func wrong(_ parameter: ParameterDescription) -> [Value] {
        switch parameter.kind {
        case .bool: [1, "yes"]
        case .choice: ["no such word", 3]
        case .integer(let range): [.integer(range.lowerBound - 1), 1.5]
        case .number(let range):
            ["one", true] + (range.lower.isFinite ? [.number(range.lower - 1)] : [])
                + (range.upper.isFinite ? [.number(range.upper + 1)] : [])
        case .string: [1]
        case .numbers, .nested: []
        }
    }
}
