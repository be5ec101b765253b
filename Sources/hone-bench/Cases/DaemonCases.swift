import Dispatch
import Domain
import Foundation
import HTTP
import Synchronization

extension BenchmarkCase {
    static let daemonFirstToken = BenchmarkCase(
        "daemon-first-token",
        "honed is started and asked for one token after a short prompt, until the reply is there; "
            + "files cached"
    ) { bench in
        let data = bench.scratch + "/data"
        let daemon = try Daemon(data: data, threads: bench.threads)
        try daemon.post(
            "/v1/models",
            ["name": "model", "path": .string(URL(fileURLWithPath: bench.folder).path)]
        )
        daemon.stop()
        return Work {
            let clock = ContinuousClock()
            let start = clock.now
            let daemon = try Daemon(data: data, threads: bench.threads)
            defer { daemon.stop() }
            try daemon.post(
                "/v1/rollouts",
                ["model": "model", "prompts": ["The sea is"], "sampling": ["max_tokens": 1]]
            )
            return clock.now - start
        }
    }
}

/// A honed of its own, on a free port.
private final class Daemon {
    private let process = Process()
    private let address: String

    /// Starts one and waits until it listens.
    init(data: String, threads: Int) throws {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = own.deletingLastPathComponent().appendingPathComponent("honed")
        let settings: Value = ["port": 0, "data": .string(data), "threads": .integer(threads)]
        try JSONEncoder().encode(settings).write(to: URL(fileURLWithPath: data + ".json"))
        process.arguments = ["--config", data + ".json"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let words = "listening on "
        var said = Data()
        while !said.contains(UInt8(ascii: "\n")) {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { break }
            said += piece
        }
        let line = String(decoding: said, as: UTF8.self).split(separator: "\n").first ?? ""
        guard line.hasPrefix(words) else {
            process.terminate()
            throw HoneError(.internalError, "honed did not start")
        }
        address = String(line.dropFirst(words.count))
    }

    /// - Throws: what the reply said, unless it is a success.
    func post(_ path: String, _ body: Value) throws {
        let request = ClientRequest(
            .post,
            try HTTPURL(address + path),
            headers: ["content-type": "application/json"],
            body: [UInt8](try JSONEncoder().encode(body))
        )
        let reply = try Self.wait { try await HTTPClient().send(request) }
        guard (200..<300).contains(reply.status.rawValue) else {
            let text = String(decoding: reply.body, as: UTF8.self)
            throw HoneError(
                .internalError,
                "honed replied \(reply.status.rawValue) to \(path): \(text)"
            )
        }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Blocks this thread, which only measures, until `work` is done on another.
    private static func wait<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Outcome<Result>()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { outcome.set(.success(try await work())) } catch { outcome.set(.failure(error)) }
            done.signal()
        }
        done.wait()
        return try outcome.get()
    }

    /// What the other thread leaves for this one.
    private final class Outcome<Result: Sendable>: Sendable {
        private let result = Mutex<Swift.Result<Result, any Error>?>(nil)

        func set(_ value: Swift.Result<Result, any Error>) { result.withLock { $0 = value } }

        func get() throws -> Result {
            guard let value = result.withLock({ $0 }) else { preconditionFailure("set before") }
            return try value.get()
        }
    }
}
