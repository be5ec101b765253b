import Domain
import Foundation

/// Specs compared field by field.
enum SpecDifferences {
    /// The fields that differ, as `path: old → new`, at most 20.
    static func between(_ old: RunSpec, _ new: RunSpec) -> [String] {
        var found: [String] = []
        compare(value(old), value(new), "$", &found)
        return Array(found.prefix(20))
    }

    private static func value(_ spec: RunSpec) -> Value {
        guard let data = try? JSONEncoder().encode(spec),
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else { return .null }
        return value
    }

    private static func compare(_ old: Value, _ new: Value, _ path: String, _ found: inout [String])
    {
        guard old != new else { return }
        guard let before = old.objectValue, let after = new.objectValue else {
            found.append("\(path): \(words(old)) → \(words(new))")
            return
        }
        for name in Set(before.keys).union(after.keys).sorted() {
            let field = snakeCase(name)
            compare(before[name] ?? .null, after[name] ?? .null, "\(path).\(field)", &found)
        }
    }

    /// Field names as people write them in a spec.
    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { result, character in
            result += character.isUppercase ? "_\(character.lowercased())" : String(character)
        }
    }

    private static func words(_ value: Value) -> String {
        switch value {
        case .null: "nothing"
        case .bool(let flag): String(flag)
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .string(let text): "\"\(text.prefix(60))\""
        case .array(let list): "a list of \(list.count)"
        case .object: "an object"
        }
    }
}
