import Domain
import HTTP
import Testing

@testable import API

@Suite struct KeptReplyTests {
    @Test func `the very next list of models has what was imported and lacks what was deleted`()
        async throws
    {
        try await LiveServer.with { server in
            let first = try await server.models()
            #expect(first == ["smol"])
            for round in 0..<20 {
                let name = "m\(round)"
                let request: Value = ["name": .string(name), "path": "p"]
                let imported = try await server.call(.post, "/v1/models", request)
                #expect(imported.status == 201)
                let more = try await server.models()
                #expect(more == ["smol", name])
                let deleted = try await server.call(.delete, "/v1/models/\(name)")
                #expect(deleted.status == 200)
                let fewer = try await server.models()
                #expect(fewer == ["smol"])
            }
        }
    }

    @Test func `the models are asked for again only when they have changed`() async throws {
        try await LiveServer.with { server in
            let first = try await server.call(.get, "/v1/models")
            let second = try await server.call(.get, "/v1/models")
            #expect(second.text == first.text)
            #expect(second.headers["content-type"] == "application/json")
            #expect(second.headers["x-request-id"] != first.headers["x-request-id"])
            #expect(await server.control.asked == ["models"])
        }
    }

    @Test func `a kept reply does not get round the checks`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(.get, "/v1/models")
            let head = try await server.call(.head, "/v1/models")
            #expect(head.status == 200)
            #expect(head.text.isEmpty)
            #expect(head.headers["content-length"] == String(reply.text.utf8.count))
            let query = try await server.call(.get, "/v1/models?limt=1")
            #expect(query.status == 400)
            #expect(query.errorCode == "invalid_request")
            let text = try RawRequest.send(
                "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                port: server.port
            )
            #expect(text.hasPrefix("HTTP/1.1 403"))
        }
    }

    @Test func `only good replies are kept, and none replaces one of a newer version`() {
        let kept = KeptReply()
        kept.keep(.text("no", status: 500), version: 1)
        #expect(kept.reply(at: 1) == nil)
        kept.keep(HTTPResponse(body: .file(path: "f")), version: 1)
        #expect(kept.reply(at: 1) == nil)
        kept.keep(.text("two"), version: 2)
        kept.keep(.text("one"), version: 1)
        #expect(kept.reply(at: 1) == nil)
        #expect(kept.reply(at: 2)?.status == 200)
        #expect(kept.reply(at: 3) == nil)
    }
}

extension LiveServer {
    fileprivate func models() async throws -> [String] {
        let list = try await call(.get, "/v1/models").json["data"]?.arrayValue ?? []
        return list.compactMap { $0["id"]?.stringValue }
    }
}
