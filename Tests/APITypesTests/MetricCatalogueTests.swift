import APITypes
import Foundation
import TestSupport
import Testing

@Suite struct MetricCatalogueTests {
    private static let names = MetricCatalogue.sections.flatMap { $0.metrics.map(\.name) }

    /// Names in the sources and in the catalogue, with `{}` for what is a run's own.
    private static func shape(_ name: String) -> String {
        name.replacing(#/\\\([^)]*\)|\{[^}]*\}/#, with: "{}")
    }

    /// What reads as a metric's name in Swift: a string with a slash behind a metric's first word.
    private static func metrics(in text: String) -> Set<String> {
        let words = Set(names.compactMap { $0.split(separator: "/").first.map(String.init) })
        let found = text.matches(of: #/"([a-z_]+)\/((?:[a-z0-9_]|\\\([^)"]*\))+)"/#)
        return Set(
            found.lazy.filter { words.contains(String($0.1)) && !$0.2.hasSuffix("_") }
                .map { shape("\($0.1)/\($0.2)") }
        )
    }

    /// The names that each file says.
    private static func sources() throws -> [(file: String, names: Set<String>)] {
        let folder = Checkout.url("Sources")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path))
        var said: [(String, Set<String>)] = []
        for case let file as String in files
        where file.hasSuffix(".swift") && !file.hasSuffix("MetricCatalogue.swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            let names = metrics(in: text)
            if !names.isEmpty { said.append((file, names)) }
        }
        return said
    }

    @Test func `what reads as a name is found`() {
        let text =
            #"values["evaluation/\(reward.name)_mean"] = a["policy/kl"]; hasPrefix("rollout/filtered_")"#
        #expect(Self.metrics(in: text) == ["evaluation/{}_mean", "policy/kl"])
    }

    @Test func `every metric that the sources name is in the catalogue, and no other`() throws {
        let sources = try Self.sources()
        let known = Set(Self.names.map(Self.shape))
        for (file, names) in sources {
            let unknown = names.subtracting(known).sorted()
            #expect(
                unknown.isEmpty,
                "\(file): add a line to Sources/APITypes/MetricCatalogue.swift, or correct the name"
            )
        }
        let said = sources.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        #expect(known.subtracting(said).sorted() == [], "no source says these: remove their lines")
    }

    @Test func `no metric is listed twice, and each is told in a sentence`() {
        #expect(Set(Self.names).count == Self.names.count)
        for metric in MetricCatalogue.sections.flatMap(\.metrics) {
            let isSentence = metric.meaning.hasSuffix(".") && !metric.meaning.contains("|")
            #expect(isSentence, "\(metric.name)")
        }
    }
}
