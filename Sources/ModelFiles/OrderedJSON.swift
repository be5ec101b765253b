/// JSON with its fields in the order given: headers and configurations people may read.
enum OrderedJSON {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([OrderedJSON])
    case object([(String, OrderedJSON)])

    /// On one line, without spaces.
    var compact: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        // "0.5", "100000.0" and "1e-05" are all JSON, and Python reads them as floats.
        case .number(let value): value.description
        case .string(let value): Self.quoted(value)
        case .array(let elements): "[" + elements.map(\.compact).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { Self.quoted($0) + ":" + $1.compact }.joined(separator: ",") + "}"
        }
    }

    /// An object with one field a line, as Hugging Face writes its files.
    func indented(by depth: Int = 0) -> String {
        guard case .object(let fields) = self, !fields.isEmpty else { return compact }
        let margin = String(repeating: "  ", count: depth)
        let lines = fields.map {
            margin + "  " + Self.quoted($0) + ": " + $1.indented(by: depth + 1)
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n" + margin + "}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case ..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
