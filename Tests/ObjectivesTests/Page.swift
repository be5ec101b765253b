import Domain
import Foundation
import Objectives
import TestSupport

/// A page of `docs/objectives`: what people wrote, and two sections that follow from the code.
struct Page {
    static let folder = Checkout.url("docs/objectives")

    let entry: Entry
    let url: URL
    var text: String

    init(_ entry: Entry) throws {
        self.entry = entry
        url = Self.folder.appending(path: "\(entry.type.name).md")
        text = try String(contentsOf: url, encoding: .utf8)
    }

    /// The body of a section; `nil` when the page has none of that heading.
    func section(_ heading: String) -> String? {
        let parts = text.components(separatedBy: "\n## \(heading)\n")
        guard parts.count == 2 else { return nil }
        return parts[1].components(separatedBy: "\n## ")[0]
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The page with a section's body replaced, or the section put before `next`.
    func replacing(_ heading: String, by body: String, before next: String) -> String {
        if let old = section(heading) {
            return text.replacingOccurrences(
                of: "\n## \(heading)\n\n\(old)\n",
                with: "\n## \(heading)\n\n\(body)\n"
            )
        }
        return text.replacingOccurrences(
            of: "\n## \(next)\n",
            with: "\n## \(heading)\n\n\(body)\n\n## \(next)\n"
        )
    }

    /// The table of parameters as the code has it.
    var parameters: String { Self.table(entry.type.parameters) }

    /// The same for any list of parameters.
    static func table(_ parameters: [ParameterDescription]) -> String {
        guard !parameters.isEmpty else { return "None." }
        return ParameterTable.markdown(parameters)
    }

    /// What the code says of the entry's data, traits and stages.
    var facts: String {
        if let type = entry.type as? any AdvantageEstimator.Type {
            return lines(["rewards: one for each " + Self.reward(type), aliases])
        }
        guard let type = entry.type as? any Objective.Type else { return "" }
        let facts = CatalogueDescription(objective: type)
        let needed = facts.data?.fields.filter(\.required) ?? []
        let possible = facts.data?.fields.filter { !$0.required } ?? []
        let least = facts.data?.minimumGroupSize ?? 1
        return lines(
            [
                "data: \(facts.data?.kind ?? "")" + Self.fields(", with ", needed),
                least > 1 ? "completions of a group: at least \(least)" : nil,
                possible.isEmpty ? nil : "by its parameters also" + Self.fields(" ", possible),
                aliases,
                facts.trend.map { "learns when `\($0.metric)` goes \($0.moves)" },
                facts.statistics == "none"
                    ? nil : "takes statistics of the whole batch (\(facts.statistics ?? ""))",
                facts.stopsGradients == true ? "holds something of the policy constant" : nil,
                facts.lossAtReference.map {
                    "loss of a policy equal to its reference: \(Self.rounded($0))"
                },
                facts.traits.isEmpty
                    ? nil : "traits: " + facts.traits.map { "`\($0)`" }.joined(separator: ", "),
            ] + facts.stages.map { "stage `\($0.name)`: \(Self.text($0.value))" }
        )
    }

    private static func rounded(_ number: Double) -> String {
        String(format: "%.6g", number)
    }

    private func lines(_ list: [String?]) -> String {
        list.compactMap { $0.map { "- \($0)" } }.joined(separator: "\n")
    }

    private var aliases: String? {
        let names = entry.type.aliases.map { "`\($0)`" }.joined(separator: ", ")
        return names.isEmpty ? nil : "also known as: " + names
    }

    private static func reward(_ type: any AdvantageEstimator.Type) -> String {
        if type.isOverBatch { return "completion of the whole batch" }
        return type.isPerToken ? "token of one sequence" : "completion of one group"
    }

    private static func fields(_ lead: String, _ fields: [CatalogueDescription.Field]) -> String {
        fields.isEmpty ? "" : lead + fields.map { "`\($0.name)`" }.joined(separator: ", ")
    }

    static func text(_ value: Value?) -> String { ParameterTable.text(value) }
}
