import Foundation

/// A section of the index of `docs/recipes`: a table of recipes with a line about each.
public struct RecipeSection: Sendable {
    /// A row of the table.
    public struct Row: Sendable {
        /// What the page is about.
        public let page: RecipePage
        /// What the link says.
        public let title: String
        /// The line about it.
        public let summary: String
    }

    /// The heading.
    public let title: String
    /// The recipes, in their order.
    public let rows: [Row]

    /// Every section that lists recipes, in the order of the index.
    public static let all: [RecipeSection] = {
        let readme = RecipePage.folder.appendingPathComponent("README.md")
        let text = (try? String(contentsOf: readme, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n## ").dropFirst().compactMap(RecipeSection.init)
    }()

    private init?(_ text: String) {
        let lines = text.components(separatedBy: "\n")
        title = lines[0]
        rows = lines.compactMap(Self.row)
        if rows.isEmpty { return nil }
    }

    /// A line of the table: `| [Title](name.md) | what it does |`.
    private static func row(_ line: String) -> Row? {
        guard let match = line.wholeMatch(of: /\| \[(.+)\]\((.+)\.md\) \| (.+) \|/),
            let page = RecipePage.all.first(where: { $0.name == String(match.2) })
        else { return nil }
        return Row(page: page, title: String(match.1), summary: String(match.3))
    }
}
