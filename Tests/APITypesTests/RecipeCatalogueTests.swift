import APITypes
import Domain
import Foundation
import TestSupport
import Testing

/// The recipes that the programs carry, against the pages they are written from.
@Suite struct RecipeCatalogueTests {
    /// The sources beside which the written ones lie.
    private static let folder = Checkout.url("Sources/APITypes/Recipes")

    /// `HONE_WRITE_DOCS=1` writes the sources anew; they are compiled by the next build.
    @Test(arguments: RecipeSection.all)
    func `the sources hold what the pages say`(_ section: RecipeSection) throws {
        let file = Self.folder.appendingPathComponent("RecipeCatalogue+\(section.typeName).swift")
        if Checkout.writesDocumentation {
            try Data(section.source.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == section.source)
    }

    @Test func `every page with a spec is a recipe, in the order of the index`() throws {
        let recipes = RecipeCatalogue.all
        #expect(recipes.map(\.name) == RecipeSection.all.flatMap { $0.rows.map(\.page.name) })
        #expect(Set(recipes.map(\.name)) == Set(RecipePage.all.map(\.name)))
        for page in RecipePage.all {
            let recipe = try #require(recipes.first { $0.name == page.name })
            #expect(recipe.spec == page.text, "\(page.name)")
            #expect(!recipe.title.isEmpty && !recipe.summary.isEmpty, "\(page.name)")
            #expect(try RunSpecReader.read(Data(recipe.spec.utf8), source: page.name).name != "")
        }
    }
}

extension RecipeSection {
    /// The section's name as a Swift type's.
    var typeName: String {
        title.split { !$0.isLetter }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// The Swift source with the section's recipes.
    var source: String {
        let property = typeName.prefix(1).lowercased() + typeName.dropFirst()
        return """
            // swift-format-ignore-file

            // Written from docs/recipes:
            // HONE_WRITE_DOCS=1 swift test --skip-build --filter RecipeCatalogueTests

            extension RecipeCatalogue {
                /// \(title).
                static let \(property): [Recipe] = [
            \(rows.map { Self.entry($0) }.joined(separator: "\n"))
                ]
            }

            """
    }

    private static func entry(_ row: Row) -> String {
        let spec = row.page.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "                \($0)" }.joined(separator: "\n")
        return """
                    Recipe(
                        name: "\(row.page.name)",
                        title: #"\(row.title)"#,
                        summary: #"\(row.summary)"#,
                        spec: #\"""
            \(spec)
                            \"""#
                    ),
            """
    }
}
