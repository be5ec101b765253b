internal import Domain
internal import FoundationEssentials

/// JSON with its fields in the order given: headers and configurations people may read.
enum JSONText {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([(String, JSONText)])

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

/// Reads the JSON file at `path` as `type`; at most `limit` bytes.
func readJSON<Content: Decodable>(
    _ type: Content.Type,
    at path: String,
    limit: Int = 1 << 30
) throws -> Content {
    let data = try readData(at: path, limit: limit)
    if let problem = JSONCheck.problem(in: data) {
        throw FileFailure.invalid(path, "is not the JSON it should be: \(problem)")
    }
    do {
        return try JSONDecoder().decode(type, from: data)
    } catch {
        throw FileFailure.invalid(path, "is not the JSON it should be: \(jsonProblem(error))")
    }
}

/// Reads the whole file at `path`; at most `limit` bytes.
func readData(at path: String, limit: Int = 1 << 30) throws -> Data {
    let file = try MappedFile(path: path)
    guard file.count <= limit else {
        throw FileFailure.invalid(path, "has \(file.count) bytes, more than the \(limit) allowed")
    }
    return try file.withUnsafeBytes { Data($0) }
}

/// Where and why decoding failed, in one line.
func jsonProblem(_ error: any Error) -> String {
    let context: DecodingError.Context? =
        switch error as? DecodingError {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            context
        default: nil
        }
    guard let context else { return "\(error)" }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "at \(path): \(context.debugDescription)"
}
