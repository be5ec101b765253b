internal import Domain
internal import FoundationEssentials

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
