import API
import APITypes
import Domain
import Foundation
import HTTP
import Testing

@Suite struct IntegrationEndpointTests {
    private static func event(_ action: String, _ side: String) -> Value {
        [
            "action": .string(action), "project": ["id": 3],
            "annotation": [
                "id": 7, "completed_by": 2,
                "result": [["type": "pairwise", "value": ["selected": .string(side)]]],
            ],
            "task": ["data": ["prompt": "p", "answer1": "a", "answer2": "b"]],
        ]
    }

    @Test func `Label Studio connects, asks and is answered at once`() async throws {
        try await LiveServer.with { server in
            let root = "/integrations/label-studio"
            for path in [root, "\(root)/health"] {
                #expect(try await server.call(.get, path).json["status"] == "UP")
            }
            let setup: Value = ["project": "1.2", "schema": "<View/>", "hostname": "http://x"]
            let version = try await server.call(.post, "\(root)/setup", setup).json["model_version"]
            #expect(version == "hone")
            let asked = try await server.call(
                .post,
                "\(root)/predict",
                ["tasks": [["id": 1], ["id": 2]], "project": "1.2"]
            )
            #expect(asked.json["results"] == [[], []])
        }
    }

    @Test func `its events give, correct and withdraw a verdict, whatever comes twice`()
        async throws
    {
        try await LiveServer.with { server in
            let path = "/integrations/label-studio/webhook"
            func stored() async throws -> [Value] {
                try await server.call(.get, "/v1/feedback").json["data"]?.arrayValue ?? []
            }
            for _ in 0..<2 {
                let reply = try await server.call(
                    .post,
                    path,
                    Self.event("ANNOTATION_CREATED", "left")
                )
                #expect(reply.status == 201 && reply.json["status"] == "ok")
            }
            #expect(try await stored().map { $0["value"] } == ["first"])
            for _ in 0..<2 {
                _ = try await server.call(.post, path, Self.event("ANNOTATION_UPDATED", "right"))
            }
            #expect(try await stored().map { $0["value"] } == ["second"])
            #expect(try await stored()[0]["annotator"] == "label-studio-2")
            for _ in 0..<2 {
                let gone = try await server.call(
                    .post,
                    path,
                    Self.event("ANNOTATION_DELETED", "right")
                )
                #expect(gone.status == 201)
            }
            #expect(try await stored().isEmpty)
            let other = try await server.call(.post, path, ["action": "TASKS_CREATED"])
            #expect(other.status == 200 && other.json["status"] == "Unknown event")
            let empty = try await server.call(.post, path, ["action": "ANNOTATION_CREATED"])
            #expect(empty.status == 400)
        }
    }

    @Test func `tasks of a queue are in the shape that a project imports`() async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(
                .post,
                "/integrations/label-studio/tasks",
                ["annotator": "label-studio", "n": 5]
            )
            #expect(reply.status == 200 && reply.json.arrayValue?.isEmpty == true)
        }
    }

    private static let response: Value = [
        "type": "response.created", "version": 1,
        "data": [
            "id": "r-1", "status": "submitted", "values": ["preference": ["value": "response1"]],
            "record": ["fields": ["prompt": "p", "response1": "a", "response2": "b"]],
        ],
    ]

    /// Signed as standardwebhooks does it: base64 of HMAC-SHA256 over id.timestamp.body.
    private static func headers(_ body: Value, key: [UInt8], at time: Date) -> HTTPHeaders {
        let timestamp = "\(Int(time.timeIntervalSince1970))"
        let message = Array("m-1.\(timestamp).".utf8) + Array(JSONText.data(body))
        let code = SHA256.authenticationCode(message, key: key)
        return [
            "webhook-id": "m-1", "webhook-timestamp": timestamp,
            "webhook-signature": "v1,AAAA v1,\(Data(code).base64EncodedString())",
        ]
    }

    @Test func `Argilla's events are taken when they are signed, and only then`() async throws {
        let key = Array("0123456789abcdef0123456789abcdef".utf8)
        let secret = try #require(WebhookSecret(Data(key).base64EncodedString()))
        let path = "/integrations/argilla/webhook"
        try await LiveServer.with(argillaSecret: secret) { server in
            let now = Date()
            let signed = Self.headers(Self.response, key: key, at: now)
            for _ in 0..<2 {
                let reply = try await server.call(.post, path, Self.response, headers: signed)
                #expect(reply.status == 200, "\(reply.text)")
            }
            let stored = try await server.call(.get, "/v1/feedback?source=argilla").json
            #expect(stored["data"]?.arrayValue?.count == 1)
            let strange = Self.headers(Self.response, key: key.reversed(), at: now)
            let late = Self.headers(Self.response, key: key, at: now.addingTimeInterval(-900))
            for headers in [HTTPHeaders(), strange, late] {
                let reply = try await server.call(.post, path, Self.response, headers: headers)
                #expect(reply.status == 401)
            }
        }
        try await LiveServer.with { server in
            let reply = try await server.call(.post, path, Self.response)
            #expect(reply.status == 403)
        }
    }

    @Test func `an Argilla event that comes after a newer one changes nothing`() async throws {
        let key = Array("0123456789abcdef0123456789abcdef".utf8)
        let secret = try #require(WebhookSecret(Data(key).base64EncodedString()))
        func event(_ type: String, _ choice: String, _ second: Int) -> Value {
            var body = Self.response.objectValue ?? [:]
            var data = body["data"]?.objectValue ?? [:]
            data["values"] = ["preference": ["value": .string(choice)]]
            body["data"] = .object(data)
            body["type"] = .string(type)
            body["timestamp"] = .string("2026-01-01T00:00:0\(second).000000Z")
            return .object(body)
        }
        try await LiveServer.with(argillaSecret: secret) { server in
            func send(_ body: Value) async throws -> [Value?] {
                let reply = try await server.call(
                    .post,
                    "/integrations/argilla/webhook",
                    body,
                    headers: Self.headers(body, key: key, at: Date())
                )
                #expect(reply.status == 200, "\(reply.text)")
                let stored = try await server.call(.get, "/v1/feedback?source=argilla").json
                return stored["data"]?.arrayValue?.map { $0["value"] } ?? []
            }
            let created = event("response.created", "response1", 1)
            let updated = event("response.updated", "response2", 2)
            var seen: [[Value?]] = []
            for body in [updated, created, event("response.deleted", "response2", 3), updated] {
                seen.append(try await send(body))
            }
            #expect(seen == [["second"], ["second"], [], []])
        }
    }

    @Test func `pages of other sites may change nothing, those of this machine may`() async throws {
        try await LiveServer.with { server in
            let verdict: Value = ["kind": "rating", "completion": "c", "value": 1]
            for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example"] {
                let reply = try await server.call(
                    .post,
                    "/v1/feedback",
                    verdict,
                    headers: ["origin": origin]
                )
                #expect(reply.status == 403 && reply.errorCode == "forbidden", "\(origin)")
            }
            for origin in ["http://127.0.0.1:8420", "http://localhost", "http://[::1]:9"] {
                let reply = try await server.call(
                    .post,
                    "/v1/feedback",
                    verdict,
                    headers: ["origin": origin]
                )
                #expect(reply.status == 201, "\(origin)")
            }
            let read = try await server.call(
                .get,
                "/v1/feedback",
                headers: ["origin": "https://evil.example"]
            )
            #expect(read.status == 200)
        }
    }
}
