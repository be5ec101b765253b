import APITypes
import Client
import Domain
import Foundation
import Glibc

/// Some lines of the input failed; each has said why.
struct LinesFailed: Error {}

/// What is written where.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Characters in a row; 100 where nobody knows.
    static var columns: Int {
        var size = winsize()
        let found = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return found ? Int(size.ws_col) : 100
    }

    /// A message for people.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("\(clearing)\(text)\n".utf8))
    }

    private static var clearing: String { isInteractive ? "\r\u{1B}[K" : "" }

    /// Where a followed run writes: rows to standard output, progress to a terminal.
    static var follower: RunFollower.Output {
        RunFollower.Output(line: writeRow, transient: isInteractive ? showProgress : nil)
    }

    @Sendable private static func writeRow(_ line: String) {
        clearProgress()
        print(line)
        fflush(nil)
    }

    @Sendable private static func showProgress(_ line: String) {
        FileHandle.standardError.write(Data("\(clearing)\(line)".utf8))
    }

    /// Ends a line of progress.
    static func clearProgress() {
        if isInteractive { FileHandle.standardError.write(Data(clearing.utf8)) }
    }

    /// A run's over-optimisation curves under its table.
    static func show(_ curves: [RewardCurveObject]) {
        if !curves.isEmpty { print("\n" + RewardCurveTable.text(curves)) }
    }

    static func write(_ value: Value) {
        print(JSONText.text(value))
        fflush(nil)
    }

    static func write(_ object: some Encodable) throws {
        print(String(decoding: try JSONText.encode(object, pretty: true), as: UTF8.self))
    }

    /// Answers standard input line by line; a bad line gets an error in its place.
    ///
    /// - Throws: `LinesFailed` at the end when any line did.
    static func answerLines(_ answer: (Value) async throws -> Value) async throws {
        var hasFailed = false
        for await line in InputLines() {
            if line.allSatisfy(\.isWhitespace) { continue }
            do {
                write(try await answer(JSONText.value(Data(line.utf8), source: "the line")))
            } catch {
                guard let body = body(of: error) else { throw error }
                hasFailed = true
                write(try JSONText.value(of: body))
            }
        }
        try Task.checkCancellation()
        if hasFailed { throw LinesFailed() }
    }

    private static func body(of error: any Error) -> ErrorBody? {
        switch error {
        case let error as HoneError:
            // Without workers or data folder no other line would fare better.
            error.code == .dataFolderLocked ? nil : ErrorBody(error)
        case let faults as Faults: ErrorBody(faults, code: .invalidRequest)
        default: nil
        }
    }

    /// `{"name": …}` from a JSON text, a file of it (@FILE or FILE.json) or a mere name.
    static func entry(_ text: String) throws -> Value {
        if text.hasPrefix("{") { return try JSONText.value(Data(text.utf8), source: "--reward") }
        let file = text.hasPrefix("@") ? String(text.dropFirst()) : text
        guard text.hasPrefix("@") || text.hasSuffix(".json") else { return ["name": .string(text)] }
        return try JSONText.value(try read(file), source: file)
    }

    static func read(_ file: String) throws(HoneError) -> Data {
        do {
            return file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile()
                : try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            let message = "\(file) cannot be read: \(SystemReason.reading(file))"
            throw HoneError(.notFound, message, param: file)
        }
    }
}
