import APITypes
import Arguments
import Client
import Domain
import Foundation

enum FeedbackCommand: Command {
    static let description = CommandDescription(
        "hone feedback",
        "Gives a file of verdicts to a server, or takes its verdicts into a file.",
        operands: [OperandDescription("import|export"), OperandDescription("FILE")],
        options: [
            .value("format", "F", "trl (default), openai, label_studio, argilla or hh_rlhf."),
            .value("run", "RUN", "The run that they are for, or of."),
            .value("annotator", "NAME", "Who judged (import), or by whom (export)."),
            .url, .json,
        ],
        example: "hone feedback export pairs.jsonl --format trl --run helpful-1"
    )

    static func run(_ arguments: ParsedArguments) async throws {
        let words = FeedbackFormat.allCases.map { $0.rawValue }
        let word = try arguments.choice("format", of: words) ?? "trl"
        let format = FeedbackFormat(rawValue: word) ?? .trl
        let client = HoneClient(url: arguments["url"])
        switch arguments.operands[0] {
        case "import": try await take(arguments, format, client)
        case "export": try await write(arguments, format, client)
        case let other: throw arguments.wrong("write import or export, not \"\(other)\"")
        }
    }

    private static func write(
        _ arguments: ParsedArguments,
        _ format: FeedbackFormat,
        _ client: HoneClient
    ) async throws {
        var path = "/v1/feedback?format=\(format.rawValue)"
        for name in ["run", "annotator"] {
            if let value = arguments[name] { path += "&\(name)=\(HoneClient.escaped(value))" }
        }
        try await client.download(path, to: arguments.operands[1])
    }

    private static func take(
        _ arguments: ParsedArguments,
        _ format: FeedbackFormat,
        _ client: HoneClient
    ) async throws {
        let file = arguments.operands[1]
        let items = try items(of: file, format, arguments)
        var (stored, known) = (0, 0)
        for start in stride(from: 0, to: items.count, by: FeedbackRequest.mostItems) {
            let part = Array(items[start..<min(start + FeedbackRequest.mostItems, items.count)])
            let reply = try await client.post(
                ListPage<FeedbackReceiptObject>.self,
                "/v1/feedback",
                .array(part)
            )
            known += reply.data.count { $0.duplicate }
            stored += reply.data.count { !$0.duplicate }
        }
        if arguments.has("json") {
            Terminal.write(["stored": .integer(stored), "duplicates": .integer(known)])
        } else {
            print("\(stored) verdicts stored, \(known) were there")
        }
    }

    /// The file's verdicts; each is known by the file's name and its line, so that a file that is given
    /// in again changes nothing.
    private static func items(
        of file: String,
        _ format: FeedbackFormat,
        _ arguments: ParsedArguments
    ) throws -> [Value] {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
            throw HoneError(.notFound, "cannot read \(file)", param: file)
        }
        let name = URL(fileURLWithPath: file).lastPathComponent
        var items: [Value] = []
        for (place, record) in try records(data, file).enumerated() {
            do throws(HoneError) {
                guard var fields = try format.item(record)?.objectValue else { continue }
                fields["run"] = arguments["run"].map { .string($0) }
                fields["annotator"] = arguments["annotator"].map { .string($0) }
                fields["source"] = .string("file")
                fields["external_id"] = .string("\(name):\(place + 1)")
                items.append(.object(fields))
            } catch {
                throw HoneError(error.code, "\(file):\(place + 1): \(error.message)", param: file)
            }
        }
        return items
    }

    /// One JSON value a line, or one list of them.
    private static func records(_ data: Data, _ file: String) throws(HoneError) -> [Value] {
        if let first = data.first(where: { !$0.isWhitespace }), first == UInt8(ascii: "[") {
            return try JSONText.value(data, source: file).arrayValue ?? []
        }
        var found: [Value] = []
        for line in data.split(separator: UInt8(ascii: "\n")) {
            if line.allSatisfy(\.isWhitespace) { continue }
            found.append(try JSONText.value(Data(line), source: "\(file):\(found.count + 1)"))
        }
        return found
    }
}

extension UInt8 {
    fileprivate var isWhitespace: Bool { self == 32 || (9...13).contains(self) }
}
