import Foundation
import Testing

@testable import HTTP

/// Long bodies that go to a file as they come.
struct SpoolTests {
    private let folder = NSTemporaryDirectory() + "hone-spool-\(UUID().uuidString)"
    private let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }

    private static var routes: [Route] {
        var route = Route.immediate(.post, "/upload") { _ in .text("") }
        route.spoolsBody = true
        route.maxBodyBytes = 1 << 20
        return [route, .immediate(.post, "/other") { _ in .text("") }]
    }

    private func bench(_ configure: (inout ServerConfiguration) -> Void = { _ in }) -> Bench {
        Bench(Self.routes) {
            $0.spoolFolder = folder
            configure(&$0)
        }
    }

    private func head(_ framing: String, _ path: String = "/upload") -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n"
    }

    private func send(_ bytes: [UInt8], to bench: inout Bench) {
        for start in stride(from: 0, to: bytes.count, by: 7001) {
            bench.receive(Array(bytes[start..<min(start + 7001, bytes.count)]))
        }
    }

    @Test func `what was sent is what the handler reads, and most of it is in no memory`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bench = bench()
        bench.receive(head("Content-Length: 300000"))
        send(body, to: &bench)
        let request = try #require(bench.waiting.first?.request)
        #expect(request.body.count < 2 * BodyBudget.free)
        let content = request.content
        #expect(content.count == body.count)
        #expect(try content.bytes(in: 0..<body.count) == body)
        for range in [0..<0, 5..<70_000, 65_000..<299_999, 299_990..<300_000] {
            #expect(try content[range].bytes(in: 0..<range.count) == Array(body[range]))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `chunks are spooled as well, and the connection lives on`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bench = bench()
        bench.receive(head("Transfer-Encoding: chunked"))
        let chunks = stride(from: 0, to: body.count, by: 50_000).flatMap { start in
            bytes("c350\r\n") + body[start..<(start + 50_000)] + bytes("\r\n")
        }
        send(chunks + bytes("0\r\n\r\n"), to: &bench)
        bench.answer(0, .text("x"))
        bench.receive(head("Content-Length: 2") + "ab")
        #expect(bench.waiting.count == 2)
        let first = try #require(bench.waiting.first).request.content
        #expect(try first.bytes(in: 0..<first.count) == body)
        #expect(bench.waiting.last?.request.body == bytes("ab"))
    }

    @Test func `other routes keep their bodies in memory`() {
        var bench = Bench([Self.routes[1]]) { $0.spoolFolder = "/nowhere" }
        bench.receive(head("Content-Length: 300000", "/other"))
        send(body, to: &bench)
        #expect(bench.waiting.first?.request.body == body)
    }

    @Test func `nothing is read while the disk is slow, and the client is not blamed`() {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bench = bench()
        bench.isDiskSlow = true
        bench.receive(head("Content-Length: 300000"))
        bench.receive(Array(body.prefix(100_000)))
        let wantsInput = bench.machine.wantsInput
        #expect(!wantsInput)
        let isAborted = bench.pass(.seconds(60))
        #expect(!isAborted && bench.statuses == [])
        // The time of a whole body counts still.
        let isOver = bench.pass(.seconds(600))
        #expect(!isOver && bench.statuses == [408])
    }

    @Test func `a disk that refuses is told to the client once`() {
        var bench = bench { $0.spoolFolder = "/dev/null/none" }
        bench.receive(head("Content-Length: 300000"))
        send(body, to: &bench)
        #expect(bench.statuses == [500] && bench.waiting.isEmpty && bench.isFinished)
    }

    @Test func `bodies together take no more disk than they may`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var bench = bench { $0.spoolBytes = 400_000 }
        bench.receive(head("Content-Length: 300000"))
        send(body, to: &bench)
        try #require(bench.waiting.count == 1)
        bench.receive(head("Content-Length: 300000"))
        bench.answer(0, .text(""))
        #expect(bench.statuses == [200, 503])
    }
}
