/// A leveled log of JSON lines, safe to use from any thread.
///
/// A line reads `{"time":"2026-01-02T03:04:05.678Z","level":"info","message":"listening","port":"8420"}`:
/// always one object, whose values are strings, and always one line, whatever is written.
public struct Log: Sendable {
    /// The quietest level that is still written.
    public var level: LogLevel
    private let sink: @Sendable (String) -> Void

    /// Makes a log.
    /// - Parameters:
    ///   - level: The quietest level that is written.
    ///   - sink: Gets each line with its newline; must be thread-safe. Standard error if not given.
    public init(
        level: LogLevel = .info,
        sink: @escaping @Sendable (String) -> Void = StandardErrorSink.write
    ) {
        self.level = level
        self.sink = sink
    }

    /// Writes a line for developers.
    public func debug(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        write(.debug, message, fields)
    }

    /// Writes a line about the normal course of things.
    public func info(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        write(.info, message, fields)
    }

    /// Writes a line about something odd that was handled.
    public func warning(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        write(.warning, message, fields)
    }

    /// Writes a line about a failure someone should look at.
    public func error(
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        write(.error, message, fields)
    }

    private func write(
        _ lineLevel: LogLevel,
        _ message: () -> String,
        _ fields: () -> KeyValuePairs<String, String>
    ) {
        guard lineLevel >= level, level != .off else { return }
        var line = "{\"time\":\"\(Timestamp.now())\",\"level\":\"\(lineLevel.rawValue)\""
        Log.append(["message": message()], to: &line)
        Log.append(fields(), to: &line)
        line += "}\n"
        sink(line)
    }

    private static func append(_ fields: KeyValuePairs<String, String>, to line: inout String) {
        for (key, value) in fields {
            line += ","
            appendQuoted(key, to: &line)
            line += ":"
            appendQuoted(value, to: &line)
        }
    }

    /// A JSON string; beyond what JSON asks for, all that a terminal or a reader of lines could take
    /// for a command or an end of line is escaped.
    private static func appendQuoted(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where isControl(scalar.value):
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }

    /// C0, DEL, C1, line and paragraph separators, and marks that turn the direction of text.
    private static func isControl(_ value: UInt32) -> Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || (0x2028...0x202E).contains(value)
            || (0x2066...0x2069).contains(value)
    }
}
