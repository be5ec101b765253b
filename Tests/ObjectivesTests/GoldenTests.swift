import Domain
import Foundation
import Objectives
import Testing

@Suite struct GoldenTests {
    static let implemented = GoldenCase.all.filter { golden in
        if let name = golden.objective { return ObjectiveCatalogue.type(named: name) != nil }
        return golden.advantage.map { AdvantageCatalogue.type(named: $0) != nil } ?? false
    }

    /// Names of the golden files that are not implemented; shrink it, never grow it.
    static let missing: Set<String> = []

    @Test(arguments: implemented)
    func `matches the golden loss and every gradient`(_ golden: GoldenCase) throws {
        let answer = try ObjectiveCase.evaluate(golden.value)
        expectClose(answer, golden.expected, path: golden.description)
    }

    @Test func `reads the whole of both golden files`() {
        #expect(GoldenCase.read("objectives").count == 120)
        #expect(GoldenCase.read("published").count >= 232)
    }

    @Test(arguments: Entry.all)
    func `has golden values, or a page that says it has none`(_ entry: Entry) throws {
        let hasValues = GoldenCase.all.contains { golden in
            (golden.objective ?? golden.advantage) == entry.type.name
        }
        let source = try #require(Page(entry).section("Source"))
        #expect(source.contains("Golden values: none") == !hasValues)
    }

    @Test func `runs the cases of every name but those listed as missing`() {
        let names = Set(GoldenCase.all.compactMap { $0.objective ?? $0.advantage })
        let run = Set(Self.implemented.compactMap { $0.objective ?? $0.advantage })
        #expect(names.subtracting(run) == Self.missing)
    }

    /// Relative 1e-9; absolute 1e-12 below 1e-3, as the file's 15 digits allow.
    private func expectClose(_ found: Value, _ expected: Value, path: String) {
        switch (found, expected) {
        case (.object(let found), .object(let expected)):
            #expect(Set(found.keys) == Set(expected.keys), "\(path)")
            for (name, value) in expected {
                expectClose(found[name] ?? .null, value, path: "\(path).\(name)")
            }
        case (.array(let found), .array(let expected)):
            #expect(found.count == expected.count, "\(path)")
            for (index, pair) in zip(found, expected).enumerated() {
                expectClose(pair.0, pair.1, path: "\(path)[\(index)]")
            }
        default:
            guard let a = found.doubleValue, let b = expected.doubleValue else {
                Issue.record("\(path): \(found.kindName) for \(expected.kindName)")
                return
            }
            let tolerance = abs(b) < 1e-3 ? 1e-12 : 1e-9 * abs(b)
            if abs(a - b) > tolerance { Issue.record("\(path): \(a), not \(b)") }
        }
    }
}
