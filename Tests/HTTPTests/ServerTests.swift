import Glibc
import HTTP
import Synchronization
import Telemetry
import TestSupport
import Testing

/// Remembers that something happened, and lets a test wait for it.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func raise() { continuation.yield() }

    /// Waits; the test's time limit is the deadline.
    func wait() async { for await _ in stream { return } }
}

/// Serves routes while the body runs, then shuts down and waits for the end.
func withServer(
    _ routes: [Route],
    configure: (inout ServerConfiguration) -> Void = { _ in },
    metrics: MetricsRegistry? = nil,
    _ body:
        @Sendable (HTTPServer, @escaping @Sendable (String) throws -> HTTPURL) async throws -> Void
) async throws {
    var configuration = ServerConfiguration()
    configuration.shutdownTimeout = .seconds(5)
    configure(&configuration)
    let server = try HTTPServer(
        configuration: configuration,
        router: Router(routes),
        log: Log(level: .off),
        metrics: metrics
    )
    let port = server.port
    try await withThrowingTaskGroup { group in
        group.addTask { try await server.run() }
        try await body(server) { try HTTPURL("http://127.0.0.1:\(port)\($0)") }
        server.shutdown()
        try await group.waitForAll()
    }
}

private let echo = Route.async(.post, "/echo") { request in
    HTTPResponse(contentType: "application/octet-stream", bytes: request.body)
}

@Suite(.timeLimit(.minutes(15)))
struct ServerTests {
    @Test func `client and server exchange bodies of every size on one connection`() async throws {
        let metrics = MetricsRegistry()
        try await withServer([echo], metrics: metrics) { _, url in
            let client = HTTPClient.patient
            for size in [0, 1, 1000, 65_536, 3_000_001] {
                let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let reply = try await client.send(ClientRequest(.post, url("/echo"), body: body))
                #expect(reply.status == 200)
                #expect(reply.body == body)
                #expect(reply.headers["x-request-id"] != nil)
                #expect(reply.headers["date"]?.hasSuffix("GMT") == true)
            }
            #expect(metrics.gauge("http_connections", help: "").value == 1)
        }
        #expect(metrics.prometheusText().contains("{route=\"POST /echo\",status=\"200\"} 5"))
    }

    @Test func `many clients at once all get their own replies`() async throws {
        let slow = Route.async(.get, "/n/{n}") { request in
            await Task.yield()
            return .text(request.parameters["n"] ?? "")
        }
        try await withServer([slow]) { _, url in
            let client = HTTPClient.patient
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let reply = try await client.send(ClientRequest(.get, url("/n/\(number)")))
                        #expect(reply.body == Array(String(number).utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a reply at hand is sent at once, another is made in a task`() async throws {
        let route = Route(
            .get,
            "/",
            handler: .atHand(
                { $0.query["hand"] == nil ? nil : .text("hand") },
                otherwise: { _ in
                    await Task.yield()
                    return .text("task")
                }
            )
        )
        let metrics = MetricsRegistry()
        try await withServer([route], metrics: metrics) { _, url in
            let client = HTTPClient.patient
            for target in ["/", "/?hand", "/?hand", "/"] {
                let reply = try await client.send(ClientRequest(.get, url(target)))
                #expect(
                    String(decoding: reply.body, as: UTF8.self) == (target == "/" ? "task" : "hand")
                )
                #expect(reply.headers["x-request-id"] != nil)
            }
        }
        #expect(metrics.prometheusText().contains("{route=\"GET /\",status=\"200\"} 4"))
    }

    @Test func `a stream larger than every buffer arrives whole`() async throws {
        let piece = [UInt8](repeating: 7, count: 100_000)
        let flood = Route.immediate(.get, "/flood") { _ in
            HTTPResponse(
                body: .stream { writer in for _ in 0..<100 { try await writer.write(piece) } }
            )
        }
        try await withServer([flood], configure: { $0.outputHighWater = 10_000 }) { _, url in
            let reply = try await HTTPClient.patient.send(ClientRequest(.get, url("/flood")))
            #expect(reply.body.count == 10_000_000)
            #expect(reply.headers["transfer-encoding"] == "chunked")
        }
    }

    @Test func `a stream that fails is cut so that the client can tell`() async throws {
        let broken = Route.immediate(.get, "/broken") { _ in
            HTTPResponse(
                body: .stream { writer in
                    try await writer.write("some")
                    throw CancellationError()
                }
            )
        }
        try await withServer([broken]) { _, url in
            await #expect(throws: HTTPClientError.closedEarly) {
                try await HTTPClient.patient.send(ClientRequest(.get, url("/broken")))
            }
        }
    }

    @Test func `events arrive one by one and the producer ends when the client vanishes`()
        async throws
    {
        let ended = Signal()
        let events = Route.immediate(.get, "/events") { _ in
            .events { writer in
                defer { ended.raise() }
                for number in 0..<3 {
                    try await writer.send(ServerSentEvent(data: "tick", id: String(number)))
                }
                try await Task.sleep(for: .seconds(3600))
            }
        }
        try await withServer([events]) { _, url in
            var ids: [String?] = []
            let reader = Task {
                let reply = try await HTTPClient.patient.stream(ClientRequest(.get, url("/events")))
                var ids: [String?] = []
                for try await event in reply.events {
                    ids.append(event.id)
                    if ids.count == 3 { break }
                }
                return ids
            }
            ids = try await reader.value
            #expect(ids == ["0", "1", "2"])
            await ended.wait()
        }
    }

    @Test func `a silent event stream beats`() async throws {
        let silent = Route.immediate(.get, "/events") { _ in
            .events(heartbeat: .milliseconds(1)) { _ in try await Task.sleep(for: .seconds(3600)) }
        }
        try await withServer([silent], configure: { $0.lingerTimeout = .milliseconds(40) }) {
            _,
            url in
            let reply = try await HTTPClient.patient.stream(ClientRequest(.get, url("/events")))
            for try await piece in reply {
                #expect(piece.starts(with: Array(":\n\n".utf8)))
                break
            }
        }
    }

    @Test func `shutdown ends event streams and lets handlers finish`() async throws {
        let begun = Signal()
        let release = Signal()
        let routes: [Route] = [
            .async(.get, "/slow") { _ in
                begun.raise()
                await release.wait()
                return .text("done")
            },
            .immediate(.get, "/events") { _ in
                .events { writer in
                    try await writer.send(ServerSentEvent(data: "x"))
                    try await Task.sleep(for: .seconds(3600))
                }
            },
        ]
        try await withServer(routes) { server, url in
            let client = HTTPClient.patient
            let events = try await client.stream(ClientRequest(.get, url("/events")))
            async let slow = client.send(ClientRequest(.get, url("/slow")))
            await begun.wait()
            server.shutdown()
            var count = 0
            for try await _ in events.events { count += 1 }
            #expect(count == 1)
            release.raise()
            let reply = try await slow
            #expect(reply.body == Array("done".utf8))
            #expect(reply.headers["connection"] == "close")
            await #expect(throws: HTTPClientError.self) {
                try await client.send(ClientRequest(.get, url("/slow")))
            }
        }
    }

    @Test func `shutdown's deadline cancels handlers that do not finish`() async throws {
        let begun = Signal()
        let stuck = Route.async(.get, "/stuck") { _ in
            begun.raise()
            try? await Task.sleep(for: .seconds(3600))
            return .text("cancelled")
        }
        try await withServer([stuck], configure: { $0.shutdownTimeout = .milliseconds(10) }) {
            server,
            url in
            let reply = Task {
                try await HTTPClient.patient.send(ClientRequest(.get, url("/stuck")))
            }
            await begun.wait()
            server.shutdown()
            await #expect(throws: HTTPClientError.self) { try await reply.value }
        }
    }

    @Test func `a handler that overruns is cancelled and answered 503`() async throws {
        let cancelled = Signal()
        var stuck = Route.async(.get, "/stuck") { _ in
            try? await Task.sleep(for: .seconds(3600))
            cancelled.raise()
            return .text("late")
        }
        stuck.timeout = .milliseconds(1)
        try await withServer([stuck], configure: { $0.lingerTimeout = .milliseconds(40) }) {
            _,
            url in
            let reply = try await HTTPClient.patient.send(ClientRequest(.get, url("/stuck")))
            #expect(reply.status == 503)
            await cancelled.wait()
        }
    }

    @Test func `a port in use is told as such`() async throws {
        try await withServer([echo]) { server, _ in
            var configuration = ServerConfiguration()
            configuration.port = server.port
            let expected = HTTPServerError.portInUse(host: "127.0.0.1", port: server.port)
            #expect(throws: expected) {
                try HTTPServer(configuration: configuration, router: Router([]))
            }
        }
    }

    @Test func `connections over the limit are answered 503 and idle ones make room`() async throws
    {
        let begun = Signal()
        let release = Signal()
        let slow = Route.async(.get, "/slow") { _ in
            begun.raise()
            await release.wait()
            return .text("done")
        }
        try await withServer([echo, slow], configure: { $0.maxConnections = 1 }) { _, url in
            let first = HTTPClient.patient
            async let busy = first.send(ClientRequest(.get, url("/slow")))
            await begun.wait()
            let refused = try await HTTPClient.patient.send(ClientRequest(.post, url("/echo")))
            #expect(refused.status == 503)
            release.raise()
            #expect(try await busy.status == 200)
            let second = try await HTTPClient.patient.send(ClientRequest(.post, url("/echo")))
            #expect(second.status == 200)
            #expect(try await first.send(ClientRequest(.get, url("/nothing"))).status == 404)
        }
    }

    @Test func `files are sent whole; missing ones, folders and links are a 500`() async throws {
        let path = "/tmp/http-tests-\(getpid()).bin"
        let content = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        #expect(write(descriptor, content, content.count) == content.count)
        close(descriptor)
        let link = path + ".link"
        #expect(symlink(path, link) == 0)
        defer {
            unlink(path)
            unlink(link)
        }
        let routes: [Route] = [
            .immediate(.get, "/link") { _ in HTTPResponse(body: .file(path: link)) },
            .immediate(.get, "/file") { _ in HTTPResponse(body: .file(path: path)) },
            .immediate(.get, "/missing") { _ in HTTPResponse(body: .file(path: path + ".missing"))
            },
            .immediate(.get, "/folder") { _ in HTTPResponse(body: .file(path: "/tmp")) },
        ]
        try await withServer(routes) { _, url in
            let client = HTTPClient.patient
            #expect(try await client.send(ClientRequest(.get, url("/file"))).body == content)
            let head = try await client.send(ClientRequest(.head, url("/file")))
            #expect(head.headers["content-length"] == "1500000")
            #expect(head.body.isEmpty)
            #expect(try await client.send(ClientRequest(.get, url("/missing"))).status == 500)
            #expect(try await client.send(ClientRequest(.get, url("/folder"))).status == 500)
            #expect(try await client.send(ClientRequest(.get, url("/link"))).status == 500)
        }
    }

    @Test func `a server listens at IPv6 and at a path too`() async throws {
        let path = "/tmp/http-tests-\(getpid()).sock"
        try await withServer(
            [.immediate(.get, "/") { _ in .text("six") }],
            configure: {
                $0.host = "::1"
                $0.unixPath = path
            }
        ) { server, _ in
            let url = try HTTPURL("http://[::1]:\(server.port)/")
            #expect(try await HTTPClient.patient.send(ClientRequest(.get, url)).status == 200)
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        #expect(access(path, F_OK) != 0)
    }
}

@Suite(.timeLimit(.minutes(15)))
struct ClientTests {
    @Test func `a reply over the limit and a late one are errors`() async throws {
        let routes: [Route] = [
            .immediate(.get, "/long") { _ in .text(String(repeating: "x", count: 1000)) },
            .async(.get, "/never") { _ in
                try? await Task.sleep(for: .seconds(3600))
                return .text("")
            },
        ]
        try await withServer(routes, configure: { $0.shutdownTimeout = .milliseconds(10) }) {
            _,
            url in
            var configuration = HTTPClient.Configuration()
            configuration.limits.bodyBytes = 999
            let client = HTTPClient(configuration: configuration)
            await #expect(throws: HTTPClientError.tooLong(limit: 999)) {
                try await client.send(ClientRequest(.get, url("/long")))
            }
            var late = try ClientRequest(.get, url("/never"))
            late.timeout = .milliseconds(20)
            await #expect(throws: HTTPClientError.timedOut(during: "waiting for the reply")) {
                try await client.send(late)
            }
        }
    }

    @Test func `cancelling a request ends it and its handler`() async throws {
        let begun = Signal()
        let cancelled = Signal()
        var never = Route.async(.get, "/never") { _ in
            begun.raise()
            try? await Task.sleep(for: .seconds(3600))
            cancelled.raise()
            return .text("")
        }
        never.cancelsWhenClientLeaves = true
        try await withServer([never]) { _, url in
            let request = Task {
                try await HTTPClient.patient.send(ClientRequest(.get, url("/never")))
            }
            await begun.wait()
            request.cancel()
            await #expect(throws: CancellationError.self) { try await request.value }
            await cancelled.wait()
        }
    }

    @Test func `a refused connection says so`() async throws {
        let server = try HTTPServer(configuration: ServerConfiguration(), router: Router([]))
        server.shutdown()
        try await server.run()
        let request = ClientRequest(.get, try HTTPURL("http://127.0.0.1:\(server.port)/"))
        await #expect(throws: HTTPClientError.self) { try await HTTPClient.patient.send(request) }
    }
}
