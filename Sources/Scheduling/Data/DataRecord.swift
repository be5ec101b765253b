import Domain
import Foundation

/// One record of a data source with the place to name in errors.
struct DataRecord: Sendable, Hashable {
    let value: Value
    /// `prompts.jsonl:3` or `$.prompts.items[2]`.
    let place: String

    func error(_ message: String) -> HoneError {
        HoneError(.invalidData, "\(place): \(message)", param: place)
    }
}

/// Reads data sources: files that users hand in, one JSON value a line.
enum DataReader {
    /// All records of a source.
    ///
    /// - Parameters:
    ///   - source: A file of one JSON value a line, or the items themselves.
    ///   - path: The source's place in the spec: `$.prompts`.
    /// - Returns: At least one record, in the order of the source; blank lines are passed over.
    /// - Throws: `.notFound`, `.emptyData`, `.invalidData` naming file and line.
    static func records(
        of source: DataSource,
        path: String
    ) throws(HoneError) -> [DataRecord] {
        let records: [DataRecord]
        switch source {
        case .items(let values):
            records = values.enumerated().map {
                DataRecord(value: $1, place: "\(path).items[\($0)]")
            }
        case .file(let file): records = try lines(of: file)
        }
        guard !records.isEmpty else {
            let name = if case .file(let file) = source { file } else { "\(path).items" }
            throw HoneError(
                .emptyData,
                "\(name) is empty: it needs at least one record",
                param: name
            )
        }
        return records
    }

    private static func lines(of file: String) throws(HoneError) -> [DataRecord] {
        let data = try UserFile.read(file)
        let name = (file as NSString).lastPathComponent
        let decoder = JSONDecoder()
        var records: [DataRecord] = []
        for (index, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            let place = "\(name):\(index + 1)"
            do {
                let value = try decoder.decode(Value.self, from: Data(line))
                records.append(DataRecord(value: value, place: place))
            } catch {
                throw HoneError(.invalidData, "\(place): is not a JSON value", param: place)
            }
        }
        return records
    }
}

extension DataRecord {
    /// A list of `{"role", "content"}`.
    func messages(_ value: Value, _ name: String) throws(HoneError) -> [ChatMessage] {
        guard let list = value.arrayValue, !list.isEmpty else {
            throw error("\"\(name)\" must be a list of messages, not \(value.kindName)")
        }
        return try list.map { element throws(HoneError) in
            guard let role = element["role"]?.stringValue,
                let content = element["content"]?.stringValue
            else {
                throw error("each message of \"\(name)\" needs \"role\" and \"content\", both text")
            }
            return ChatMessage(role: role, content: content)
        }
    }

    /// A text (raw) or a list of messages (rendered by the model's chat template).
    func prompt(_ value: Value, _ name: String) throws(HoneError) -> Prompt {
        if let text = value.stringValue { return .text(text) }
        if case .array = value { return .messages(try messages(value, name)) }
        throw error("\"\(name)\" must be a text or a list of messages, not \(value.kindName)")
    }

    /// A text, or the content of a list of one assistant message.
    func completion(_ value: Value, _ name: String) throws(HoneError) -> String {
        if let text = value.stringValue { return text }
        let list = try messages(value, name)
        guard list.count == 1, list[0].role == "assistant" else {
            throw error("\"\(name)\" must be a text or one message by the assistant")
        }
        return list[0].content
    }

    /// The field `name`; missing or null is an error.
    func required(_ name: String) throws(HoneError) -> Value {
        guard case .object = value else {
            throw error("must be an object, not \(value.kindName)")
        }
        guard let found = value[name], found != .null else { throw error("has no \"\(name)\"") }
        return found
    }

    /// A finite number.
    func number(_ name: String) throws(HoneError) -> Double {
        let field = try required(name)
        guard let number = field.doubleValue, number.isFinite else {
            throw error("\"\(name)\" must be a number, not \(field.kindName)")
        }
        return number
    }
}
