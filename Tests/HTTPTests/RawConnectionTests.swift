import TestSupport
import Testing

@testable import HTTP

/// What a server sends until it closes, for bytes as no good client would send them.
private func reply(to text: String, at url: HTTPURL) async throws -> String {
    let deadline = ServerClock.now() + Duration.seconds(900).nanoseconds
    return try await BlockingPool("test", limit: 1).run {
        let connection = try ClientConnection(host: url.host, port: url.port, deadline: deadline)
        try connection.send(bytes(text), deadline: deadline)
        var all: [UInt8] = []
        while try connection.receive(deadline: deadline, { all += $0 }) > 0 {}
        return String(decoding: all, as: UTF8.self)
    }
}

@Suite(.timeLimit(.minutes(15)))
struct RawConnectionTests {
    @Test func `a request behind a file is answered and the connection then closed`() async throws {
        let path = #filePath
        let file = Route.immediate(.get, "/file") { _ in HTTPResponse(body: .file(path: path)) }
        let end = Route.immediate(.get, "/end") { _ in .text("the end") }
        try await withServer([file, end]) { _, url in
            let request = "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
            let last = "GET /end HTTP/1.0\r\n\r\n"
            let text = try await reply(to: request + request + last, at: url("/"))
            #expect(text.ranges(of: "HTTP/1.1 200 OK\r\n").count == 3)
            #expect(text.hasSuffix("connection: close\r\n\r\nthe end"))
        }
    }

    @Test func `replies at hand wait for those of earlier requests that are still being made`()
        async throws
    {
        let slow = Route.async(.get, "/slow") { _ in
            for _ in 0..<3 { await Task.yield() }
            return .text("<slow>")
        }
        let quick = Route(
            .get,
            "/quick",
            handler: .atHand({ _ in .text("<quick>") }, otherwise: { _ in .text("<made>") })
        )
        try await withServer([slow, quick]) { _, url in
            let slow = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
            let quick = "GET /quick HTTP/1.1\r\nHost: h\r\n\r\n"
            let last = "GET /quick HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            let text = try await reply(to: slow + quick + slow + last, at: url("/"))
            let bodies = text.matches(of: /<[a-z]+>/).map { String($0.output) }
            #expect(bodies == ["<slow>", "<quick>", "<slow>", "<quick>"])
        }
    }

    @Test func `a body that is refused while it is being sent does not eat the reply`() async throws
    {
        let sink = Route.immediate(.post, "/") { _ in .text("") }
        try await withServer([sink], configure: { $0.limits.bodyBytes = 10 }) { _, url in
            let body = String(repeating: "x", count: 1_000_000)
            let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
            let text = try await reply(to: head + body, at: url("/"))
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `slowloris is closed by the real clock too`() async throws {
        try await withServer([], configure: { $0.headerTimeout = .milliseconds(20) }) { _, url in
            let text = try await reply(to: "GET / HT", at: url("/"))
            #expect(text.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `a client that does not read is cut, and its stream ends`() async throws {
        let ended = Signal()
        let endless = Route.immediate(.get, "/endless") { _ in
            HTTPResponse(
                body: .stream { writer in
                    defer { ended.raise() }
                    while true { try await writer.write([UInt8](repeating: 120, count: 65_536)) }
                }
            )
        }
        try await withServer([endless], configure: { $0.writeTimeout = .milliseconds(40) }) {
            _,
            url in
            let reply = try await HTTPClient.patient.stream(ClientRequest(.get, url("/endless")))
            await ended.wait()
            await #expect(throws: HTTPClientError.self) { for try await _ in reply {} }
        }
    }
}
