import Foundation
import TestSupport

/// One of the package's executables as a process, its output in files.
///
/// `@unchecked Sendable`: everything is set in `init`, and `Process` may be asked by any thread
/// whether it runs.
final class Program: @unchecked Sendable {
    private let process = Process()
    private let folder: TemporaryFolder

    /// Starts `name`, which lies beside the test bundle.
    convenience init(_ name: String, _ arguments: [String], input: String = "") throws {
        try self.init(Self.folder.appendingPathComponent(name), arguments, input: input)
    }

    /// Starts a script of the package by Python, with these executables as what it tries.
    convenience init(script path: String, _ arguments: [String]) throws {
        try self.init(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "HONE_BIN=\(Self.folder.path)", "python3",
                Checkout.url(path).path,
            ] + arguments
        )
    }

    private init(_ executable: URL, _ arguments: [String], input: String = "") throws {
        folder = try TemporaryFolder()
        process.executableURL = executable
        process.arguments = arguments
        let inputFile = folder.path + "/input"
        try Data(input.utf8).write(to: URL(fileURLWithPath: inputFile))
        process.standardInput = FileHandle(forReadingAtPath: inputFile)
        process.standardOutput = try handle("output")
        process.standardError = try handle("errors")
        try process.run()
    }

    deinit { if process.isRunning { kill(SIGKILL) } }

    private static var folder: URL {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: own).deletingLastPathComponent()
        }
    }

    private func handle(_ name: String) throws -> FileHandle {
        let path = folder.path + "/" + name
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)) ?? ""
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { text("output") }
    var errors: String { text("errors") }

    func kill(_ signal: Int32) { Glibc.kill(processID, signal) }

    /// Waits for its end: the exit code, or minus the signal that killed it.
    func exitCode(within limit: Duration = .seconds(600)) async throws -> Int32 {
        try await eventually("the end of \(process.arguments ?? [])", within: limit) {
            guard !process.isRunning else { return nil }
            let status = process.terminationStatus
            return process.terminationReason == .exit ? status : -status
        }
    }

    /// Runs a command to its end.
    static func run(
        _ name: String,
        _ arguments: [String],
        input: String = ""
    ) async throws -> (code: Int32, output: String, errors: String) {
        let program = try Program(name, arguments, input: input)
        let code = try await program.exitCode()
        return (code, program.output, program.errors)
    }
}
