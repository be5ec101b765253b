import Domain
import Foundation
import HTTP
import TestSupport
import Testing

/// A honed of its own with a data folder of its own, on a free port.
final class Honed: Sendable {
    let data: String
    let program: Program
    let url: String
    private let client = HTTPClient.patient

    /// Starts one and waits until it listens.
    init(data: String, options: [String] = []) async throws {
        self.data = data
        let program = try Program("honed", ["--port", "0", "--data", data] + options)
        self.program = program
        let words = "listening on "
        url = try await eventually("honed listens") {
            guard program.isRunning else {
                throw TooLate(description: "honed ended: \(program.errors)")
            }
            let line = program.output.split(separator: "\n").first { $0.hasPrefix(words) }
            guard program.output.hasSuffix("\n"), let line else { return nil }
            return String(line.dropFirst(words.count))
        }
    }

    /// Does something with a fresh one that has the tiny model as `tiny`, then ends it.
    static func with<Result: Sendable>(
        model: Bool = true,
        _ work: (Honed) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        let honed = try await Honed(data: folder.path + "/data")
        do {
            if model { try await honed.importTiny() }
            let result = try await work(honed)
            honed.program.kill(SIGKILL)
            _ = try await honed.program.exitCode()
            return result
        } catch {
            honed.program.kill(SIGKILL)
            _ = try? await honed.program.exitCode()
            throw error
        }
    }

    func importTiny(as name: String = "tiny") async throws {
        let folder = try TemporaryFolder()
        try TinyModelFolder.write(to: folder.path + "/model")
        let reply = try await post(
            "/v1/models",
            ["name": .string(name), "path": .string(folder.path + "/model")]
        )
        try #require(reply.status == 201, "\(reply)")
    }

    func get(_ path: String) async throws -> Reply {
        Reply(try await client.send(ClientRequest(.get, try HTTPURL(url + path))))
    }

    func delete(_ path: String) async throws -> Reply {
        Reply(try await client.send(ClientRequest(.delete, try HTTPURL(url + path))))
    }

    func post(_ path: String, _ body: Value? = nil, key: String? = nil) async throws -> Reply {
        var headers = HTTPHeaders()
        if body != nil { headers["content-type"] = "application/json" }
        if let key { headers["idempotency-key"] = key }
        let bytes = try body?.json ?? []
        let request = ClientRequest(.post, try HTTPURL(url + path), headers: headers, body: bytes)
        return Reply(try await client.send(request))
    }

    /// Queues a run that must be taken.
    func submit(_ spec: Value) async throws {
        let reply = try await post("/v1/runs", spec)
        try #require(reply.status == 202, "\(reply)")
    }

    /// Waits until a run has this state.
    @discardableResult
    func wait(_ run: String, _ state: String = "succeeded") async throws -> Value {
        try await eventually("\(run) is \(state)") {
            let reply = try await self.get("/v1/runs/\(run)")
            let now = reply["state"]?.text ?? "?"
            if now == state { return reply.json }
            let isOver = ["succeeded", "failed", "cancelled"].contains(now)
            if isOver { throw TooLate(description: "\(run) is \(now): \(reply)") }
            return nil
        }
    }

    /// A run's events as they come.
    func events(_ run: String, after: Int? = nil) async throws -> EventSequence {
        var headers = HTTPHeaders()
        if let after { headers["last-event-id"] = String(after) }
        let request = ClientRequest(
            .get,
            try HTTPURL("\(url)/v1/runs/\(run)/events"),
            headers: headers
        )
        return try await client.stream(request).events
    }

    /// Waits until a run has finished an iteration; fails when the run ends before.
    func wait(_ run: String, iteration: Int) async throws {
        for try await event in try await events(run) where event.event == "metrics" {
            let value = try JSONDecoder().decode(Value.self, from: Data(event.data.utf8))
            if (value["data"]?["iteration"]?.integerValue ?? -1) >= iteration { return }
        }
        throw TooLate(description: "\(run) ended before iteration \(iteration)")
    }

    /// Waits until a run lists a checkpoint of an iteration.
    func wait(_ run: String, checkpoint iteration: Int) async throws {
        try await eventually("a checkpoint \(run)@\(iteration)") {
            let list = try await self.get("/v1/runs/\(run)/checkpoints").data
            return list.contains { $0["id"] == .string("\(run)@\(iteration)") } ? true : nil
        }
    }

    /// The process of the worker with this role.
    func worker(_ role: String) async throws -> Int32 {
        let workers = try await get("/v1/workers").data
        let worker = workers.first { $0["role"]?.text == role && $0["state"]?.text != "dead" }
        return Int32(try #require(worker?["pid"]?.integerValue, "\(workers)"))
    }
}
