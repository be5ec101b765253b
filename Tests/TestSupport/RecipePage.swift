public import Domain
public import Foundation

/// A page of `docs/recipes` and the run spec in its one JSON block.
public struct RecipePage: Sendable {
    /// The page's name, without `.md`.
    public let name: String
    /// The spec as a reader of the page finds it.
    public let spec: Value
    /// Its JSON text.
    public let text: String

    /// Where the pages lie.
    public static var folder: URL { Checkout.url("docs/recipes") }

    /// Every page with a whole spec, by name; pages without one explain something else.
    public static let all: [RecipePage] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".md") }.sorted().compactMap(RecipePage.init(file:))
    }()

    /// Reads a page; `nil` when it has no JSON block that is a whole spec.
    private init?(file: String) {
        let url = Self.folder.appendingPathComponent(file)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        let blocks = text.components(separatedBy: "\n```json\n").dropFirst().compactMap { part in
            part.components(separatedBy: "\n```").first
        }
        let specs = blocks.compactMap { block in
            (try? JSONDecoder().decode(Value.self, from: Data(block.utf8))).map { ($0, block) }
        }.filter { $0.0["kind"] != nil && $0.0["model"] != nil }
        guard specs.count == 1 else { return nil }
        name = String(file.dropLast(3))
        (spec, self.text) = specs[0]
    }
}

/// What stands in for the models and files that a recipe names.
public struct RecipeStandIns: Sendable {
    /// The language model, also in place of judges, teachers and soups.
    public var model: String
    /// The reward model; `nil` puts a rule in its place.
    public var rewardModel: String?
    /// A model that compares.
    public var preferenceModel: String?

    /// Stand-ins by the names they have where the recipe is tried.
    public init(model: String, rewardModel: String?, preferenceModel: String? = nil) {
        self.model = model
        self.rewardModel = rewardModel
        self.preferenceModel = preferenceModel
    }
}

extension RecipePage {
    /// The spec at a size that takes moments: the method is untouched, its counts are small, its
    /// data and models are `standIns`.
    public func shrunk(_ standIns: RecipeStandIns, name: String = "recipe") -> Value {
        var fields = (Self.replaced(spec, standIns).objectValue ?? [:])
        func limit(_ field: String, _ most: Int) {
            fields[field] = .integer(min(fields[field]?.integerValue ?? most, most))
        }
        fields["name"] = .string(name)
        fields["publish_as"] = nil
        limit("iterations", 3)
        limit("minibatch_size", 2)
        if fields["kind"] == "online" { limit("prompts_per_iteration", 3) }
        if fields["update_epochs"] != nil { limit("update_epochs", 2) }
        fields["checkpoint_every"] = 2
        var sampling = fields["sampling"]?.objectValue ?? [:]
        sampling["max_tokens"] = 6
        let size = sampling["group_size"]?.integerValue ?? 8
        sampling["group_size"] = .integer(min(size, 4))
        if fields["kind"] == "online" { fields["sampling"] = .object(sampling) }
        if fields["evaluation"] != nil {
            var evaluation = fields["evaluation"]?.objectValue ?? [:]
            evaluation["group_size"] = .integer(min(evaluation["group_size"]?.integerValue ?? 1, 2))
            evaluation["every"] = 2
            fields["evaluation"] = .object(evaluation)
        }
        return .object(fields)
    }

    /// Names of models and data, replaced wherever they stand.
    private static func replaced(_ value: Value, _ standIns: RecipeStandIns) -> Value {
        switch value {
        case .array(let list): return .array(list.map { replaced($0, standIns) })
        case .object(var fields):
            for (name, field) in fields { fields[name] = replaced(field, standIns) }
            if fields["file"] != nil, fields["name"] == nil { return data }
            if let model = fields["model"]?.stringValue, model != "policy" || fields["kind"] != nil
            {
                fields["model"] = .string(name(for: fields["name"], standIns))
            }
            // Whoever made the stand-in, its start is not told.
            if fields["name"] == "implicit" { fields["reference"] = .string(standIns.model) }
            for list in ["teachers", "soup"] {
                if let models = fields[list]?.arrayValue {
                    fields[list] = .array(models.map { _ in .string(standIns.model) })
                }
            }
            if fields["name"] == "model", standIns.rewardModel == nil { return rule }
            if fields["name"] == "lexicon" { return rule }
            return .object(fields)
        default: return value
        }
    }

    private static func name(for reward: Value?, _ standIns: RecipeStandIns) -> String {
        switch reward {
        case "model": standIns.rewardModel ?? standIns.model
        case "preference_model": standIns.preferenceModel ?? standIns.model
        default: standIns.model
        }
    }

    private static let rule: Value = [
        "name": "regex", "pattern": "[aeiouAEIOU0-4]", "count": "every",
    ]

    /// Records that serve as prompts, as pairs, as demonstrations and as dataset states at once.
    private static let data: Value = [
        "items": .array(
            ["ab", "cde", "fg", "hijk"].enumerated().map { index, prompt in
                [
                    "prompt": .string(prompt), "completion": .string("aei\(index)uo"),
                    "chosen": .string("aei\(index)u"), "rejected": .string("zz\(index)y"),
                    "chosen_margin_reward": 1, "rejected_margin_reward": .integer(index),
                    "difficulty": .integer(index),
                ]
            }
        )
    ]
}
