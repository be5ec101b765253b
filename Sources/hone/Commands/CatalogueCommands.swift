import APITypes
import Arguments
import Domain
import Presentation

enum ObjectivesCommand: Command {
    static let description = CommandDescription(
        "hone objectives",
        "Lists objectives, advantage estimators and stages with every parameter.",
        operands: [OperandDescription("NAME", isRequired: false)],
        options: [.json],
        example: "hone objectives dpo"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        try Catalogue.write(Catalogues.objectives, arguments)
    }
}

enum RewardsCommand: Command {
    static let description = CommandDescription(
        "hone rewards",
        "Lists rewards with every parameter.",
        operands: [OperandDescription("NAME", isRequired: false)],
        options: [.json],
        example: "hone rewards lexicon"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        try Catalogue.write(Catalogues.rewards, arguments)
    }
}

private enum Catalogue {
    static func write(_ entries: [CatalogueObject], _ arguments: ParsedArguments) throws {
        var shown = entries
        if let name = arguments.operands.first {
            shown = entries.filter { $0.name == name || $0.aliases?.contains(name) == true }
            guard !shown.isEmpty else {
                let hint = NameHint.meant(name, among: entries.map(\.name), mark: "")
                throw arguments.wrong("there is no \"\(name)\"\(hint)")
            }
        }
        guard !arguments.has("json") else { return try Terminal.write(ListPage(shown)) }
        for entry in shown { write(entry, inFull: !arguments.operands.isEmpty) }
    }

    private static func write(_ entry: CatalogueObject, inFull: Bool) {
        print("\(entry.name)  \(entry.summary)")
        if let source = entry.source { print("    \(source)") }
        if let aliases = entry.aliases {
            print("    also known as \(aliases.joined(separator: ", "))")
        }
        for parameter in entry.parameters {
            let value =
                parameter.required
                ? "required" : "default \(JSONText.text(parameter.default ?? .null))"
            print("    \(parameter.name) (\(value))  \(parameter.meaning)")
        }
        if inFull { writeFacts(entry) }
    }

    /// What one entry says of its data and of itself.
    private static func writeFacts(_ entry: CatalogueObject) {
        if let data = entry.data {
            print("  data: \(data.kind)")
            for field in data.fields {
                let need = field.required ? "needed" : "by parameters"
                print("    \(field.name) (per \(field.per), \(need))  \(field.meaning)")
            }
        }
        if let trend = entry.trend { print("  learns when \(trend.metric) goes \(trend.moves)") }
        for (stage, value) in (entry.stages ?? [:]).sorted(by: { $0.key < $1.key }) {
            print("  stage \(stage): \(JSONText.text(value))")
        }
    }
}
