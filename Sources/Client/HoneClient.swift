public import APITypes
public import Domain
import Foundation
import HTTP

/// Typed calls to a honed.
///
/// A reply that is an error is thrown as the `HoneError` it describes, all faults in its message.
public struct HoneClient: Sendable {
    /// Where the server is, without a slash at the end.
    public let url: String
    /// What is shown to be let in; `HONE_TOKEN`.
    private let token: String?
    private let client: HTTPClient
    private let downloads: HTTPClient

    /// A client of the server at `url`; `HONE_URL`, else this machine's, unless said.
    ///
    /// `HONE_TOKEN` is the token that it shows.
    public init(url: String? = nil) {
        let text = url ?? ProcessInfo.processInfo.environment["HONE_URL"] ?? ServiceDefaults.url
        let token = ProcessInfo.processInfo.environment["HONE_TOKEN"]?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        self.token = token.flatMap { $0.isEmpty ? nil : $0 }
        self.url = text.hasSuffix("/") ? String(text.dropLast()) : text
        var configuration = HTTPClient.Configuration()
        // Sampling and importing answer when they are done.
        configuration.timeout = .seconds(24 * 3600)
        configuration.streamIdleTimeout = .seconds(120)
        client = HTTPClient(configuration: configuration)
        // A download goes to disk piece by piece: only the disk bounds it.
        configuration.limits.bodyBytes = 1 << 44
        downloads = HTTPClient(configuration: configuration)
    }

    /// Reads an object.
    public func get<Object: Decodable>(
        _ type: Object.Type,
        _ path: String
    ) async throws(HoneError) -> Object {
        try await call(type, .get, path, nil)
    }

    /// Sends a request and reads the object it answers.
    public func post<Object: Decodable>(
        _ type: Object.Type,
        _ path: String,
        _ body: Value? = nil
    ) async throws(HoneError) -> Object {
        try await call(type, .post, path, body)
    }

    /// Removes something.
    public func delete(_ path: String) async throws(HoneError) -> DeletedObject {
        try await delete(DeletedObject.self, path)
    }

    /// Removes something and reads the object it answers.
    public func delete<Object: Decodable>(
        _ type: Object.Type,
        _ path: String
    ) async throws(HoneError) -> Object {
        try await call(type, .delete, path, nil)
    }

    /// Writes the body of a reply to a file, piece by piece.
    public func download(_ path: String, to file: String) async throws {
        let reply: StreamingResponse
        do {
            reply = try await downloads.stream(request(.get, path, nil))
        } catch {
            throw failed(error)
        }
        guard reply.status == 200 else { throw try await failure(reply) }
        // Beside and renamed: what has the name is whole.
        let partial = file + ".part"
        guard FileManager.default.createFile(atPath: partial, contents: nil),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw HoneError(.invalidRequest, "\(file) cannot be written", param: file) }
        do {
            for try await piece in reply { try handle.write(contentsOf: Data(piece)) }
            try handle.close()
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
        guard rename(partial, file) == 0 else {
            throw HoneError(.invalidRequest, "\(file) cannot be replaced", param: file)
        }
    }

    /// What happened to a run after the event `id`, then what happens, until the run has ended.
    ///
    /// A broken connection is taken up again where it broke off.
    public func events(
        _ run: String,
        after id: Int = 0
    ) -> AsyncThrowingStream<EventObject, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                var last = id
                do {
                    try await follow(run, &last, continuation)
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func follow(
        _ run: String,
        _ last: inout Int,
        _ continuation: AsyncThrowingStream<EventObject, any Error>.Continuation
    ) async throws {
        var failures = 0
        while true {
            do {
                var request = try request(.get, "/v1/runs/\(Self.escaped(run))/events", nil)
                request.headers["last-event-id"] = String(last)
                let reply = try await client.stream(request)
                guard reply.status == 200 else { throw try await failure(reply) }
                var farewell: Duration?
                for try await event in reply.events {
                    if event.event == "shutdown" {
                        // The server ends, the run does not.
                        farewell = .milliseconds(event.retryMilliseconds ?? 2000)
                        continue
                    }
                    let object = try JSONText.decode(
                        EventObject.self,
                        Data(event.data.utf8),
                        source: "the event"
                    )
                    last = object.id
                    failures = 0
                    continuation.yield(object)
                }
                guard let farewell else { return }
                try await Task.sleep(for: farewell)
            } catch let error as HTTPClientError {
                failures += 1
                guard failures <= 5 else { throw failed(error) }
                try await Task.sleep(for: .seconds(failures))
            }
        }
    }

    private func call<Object: Decodable>(
        _ type: Object.Type,
        _ method: HTTPMethod,
        _ path: String,
        _ body: Value?
    ) async throws(HoneError) -> Object {
        let reply: ClientResponse
        do {
            reply = try await client.send(request(method, path, body))
        } catch {
            throw failed(error)
        }
        let text = Data(reply.body)
        guard (200..<300).contains(reply.status.rawValue) else {
            throw Self.error(text, status: reply.status.rawValue)
        }
        return try JSONText.decode(type, text, source: "the server's reply")
    }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        _ body: Value?
    ) throws(HTTPClientError) -> ClientRequest {
        var request = ClientRequest(method, try HTTPURL(url + path))
        if let token { request.headers["authorization"] = "Bearer \(token)" }
        if let body {
            request.headers["content-type"] = "application/json"
            request.body = Array(JSONText.data(body))
        }
        return request
    }

    private func failure(_ reply: StreamingResponse) async throws -> HoneError {
        var text = Data()
        for try await piece in reply { text += piece }
        return Self.error(text, status: reply.status.rawValue)
    }

    private func failed(_ error: any Error) -> HoneError {
        if let error = error as? HoneError { return error }
        switch error as? HTTPClientError {
        case .connectFailed: break
        case .timedOut:
            return HoneError(.deadlineExceeded, "the request to \(url) failed: \(error)")
        default: return HoneError(.internalError, "the request to \(url) failed: \(error)")
        }
        return HoneError(
            .notFound,
            "no honed answers at \(url) (\(error)); start one with `hone serve`, or set HONE_URL"
        )
    }

    /// The error of a reply.
    static func error(_ text: Data, status: Int) -> HoneError {
        guard
            let body = try? JSONText.decode(ErrorBody.self, text, source: "the reply")
        else { return HoneError(.internalError, "the server answered with status \(status)") }
        let detail = body.error
        let faults = detail.faults ?? []
        let message =
            faults.count > 1
            ? Faults(faults).description : detail.message
        let code = ErrorCode(rawValue: detail.code) ?? .invalidRequest
        return HoneError(code, message, param: detail.param)
    }

    /// A name as a part of a path.
    public static func escaped(_ name: String) -> String {
        let plain = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@"
        )
        return name.addingPercentEncoding(withAllowedCharacters: plain) ?? name
    }
}
