import APITypes
import Arguments
import Domain

enum RecipesCommand: Command {
    static let description = CommandDescription(
        "hone recipes",
        "Lists the recipes, or writes the spec of one: save it, edit it, train with it.",
        operands: [OperandDescription("NAME", isRequired: false)],
        options: [.json],
        example: "hone recipes online-dpo > run.json"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let recipes = RecipeCatalogue.all
        guard let name = arguments.operands.first else {
            return try list(recipes, isJSON: arguments.has("json"))
        }
        guard let recipe = recipes.first(where: { $0.name == name }) else {
            let hint = NameHint.meant(name, among: recipes.map(\.name), mark: "")
            throw arguments.wrong("there is no recipe \"\(name)\"\(hint)")
        }
        print(recipe.spec)
    }

    private static func list(_ recipes: [Recipe], isJSON: Bool) throws {
        guard !isJSON else { return try Terminal.write(ListPage(recipes)) }
        let width = recipes.map(\.name.count).max() ?? 0
        for recipe in recipes {
            let padding = String(repeating: " ", count: width - recipe.name.count)
            print("\(recipe.name)\(padding)  \(recipe.summary)")
        }
    }
}
