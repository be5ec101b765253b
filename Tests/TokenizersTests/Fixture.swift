import Domain
import Foundation
import Tokenizers

/// The files beside these tests.
enum Fixture {
    struct EncodingCase: Decodable {
        var text: String
        var special: Bool
        var ids: [Int32]
        var decoded: String
    }

    /// A model's template and what it makes of each conversation; `nil` is an error.
    struct TemplateCase: Decodable {
        var name: String
        var template: String
        var results: [String?]
    }

    struct Conversation: Decodable {
        var messages: [Value]
        var add_generation_prompt: Bool
        var variables: [String: Value]
    }

    /// A construct of the template language; the first line has the variables alone.
    struct Construct: Decodable {
        var variables: [String: Value]?
        var template: String?
        var result: String?
    }

    static let rules = ["gpt-2", "smollm", "llama-bpe", "qwen2"]

    static func data(_ name: String) throws -> Data {
        let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures")
        return try Data(contentsOf: folder.appendingPathComponent(name))
    }

    static func lines<Line: Decodable>(_ name: String, of type: Line.Type) throws -> [Line] {
        let decoder = JSONDecoder()
        return try data(name).split(separator: 0x0A).map { try decoder.decode(type, from: $0) }
    }

    static func definition(_ rule: String) throws -> TokenizerDefinition {
        try TokenizerDefinition(tokenizerJSON: try data(rule + ".tokenizer.json"))
    }

    /// The tokenizer of `rule` with one field of its file changed.
    static func definition(
        changing path: [String],
        to value: Value,
        rule: String = "gpt-2"
    ) throws -> TokenizerDefinition {
        let file = try JSONDecoder().decode(Value.self, from: try data(rule + ".tokenizer.json"))
        let changed = changing(file, path[...], to: value)
        return try TokenizerDefinition(tokenizerJSON: try JSONEncoder().encode(changed))
    }

    private static func changing(
        _ file: Value,
        _ path: ArraySlice<String>,
        to value: Value
    ) -> Value {
        guard let name = path.first else { return value }
        var fields = file.objectValue ?? [:]
        fields[name] = changing(fields[name] ?? .null, path.dropFirst(), to: value)
        return .object(fields)
    }

    /// The error that `work` throws.
    static func error(_ work: () throws -> Void) -> HoneError? {
        do {
            try work()
            return nil
        } catch {
            return error as? HoneError
        }
    }
}
