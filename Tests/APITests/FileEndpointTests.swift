import APITypes
import Domain
import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct FileEndpointTests {
    private static let boundary = "----b0undary"

    private static func form(_ fields: [(String, String)], file: String? = "{}\n") -> [UInt8] {
        var text = ""
        for (name, value) in fields {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
            text += "\(value)\r\n"
        }
        if let file {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; "
            text += "filename=\"train.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            text += "\(file)\r\n"
        }
        return Array((text + "--\(boundary)--\r\n").utf8)
    }

    private static func upload(
        _ server: LiveServer,
        _ body: [UInt8],
        type: String = "multipart/form-data; boundary=\(boundary)",
        headers: HTTPHeaders = HTTPHeaders()
    ) async throws -> (status: Int, json: Value) {
        var headers = headers
        headers["content-type"] = type
        let url = try HTTPURL("http://127.0.0.1:\(server.port)/v1/files")
        let response = try await HTTPClient.patient.send(
            ClientRequest(.post, url, headers: headers, body: body)
        )
        let json = try JSONText.value(.init(response.body), source: "the reply")
        return (response.status.rawValue, json)
    }

    @Test func `an uploaded file is kept and shown in OpenAI's shape`() async throws {
        try await LiveServer.with { server in
            let fields = [
                ("purpose", "fine-tune"), ("expires_after[anchor]", "created_at"),
                ("expires_after[seconds]", "3600"),
            ]
            let (status, json) = try await Self.upload(server, Self.form(fields))
            #expect(status == 200, "\(json)")
            _ = try FileObject.schema.check(json)
            #expect(json["bytes"] == 3 && json["filename"] == "train.jsonl")
            #expect(json["expires_at"] == 4600 && json["status"] == "processed")
            #expect(
                await server.control.asked.contains("upload train.jsonl fine-tune 3600 {}\n")
            )
        }
    }

    @Test func `a long file is spooled, and its key finds it by its content`() async throws {
        try await LiveServer.with { server in
            let file = String(repeating: "{\"prompt\": \"one\"}\r\n", count: 40_000)
            let body = Self.form([("purpose", "fine-tune")], file: file)
            let key: HTTPHeaders = ["idempotency-key": "a"]
            let (status, json) = try await Self.upload(server, body, headers: key)
            #expect(status == 200 && json["bytes"] == .integer(file.utf8.count), "\(json)")
            #expect(await server.control.asked.contains("upload train.jsonl fine-tune 0 \(file)"))
            let again = String(decoding: body, as: UTF8.self).replacing(Self.boundary, with: "b2")
            let replayed = try await Self.upload(
                server,
                Array(again.utf8),
                type: "multipart/form-data; boundary=b2",
                headers: key
            )
            #expect(replayed.status == 200 && replayed.json == json)
            var other = body
            other[500_000] ^= 1
            let refused = try await Self.upload(server, other, headers: key)
            #expect(refused.status == 409, "\(refused.json)")
        }
    }

    @Test func `a form that lacks something is refused with every fault`() async throws {
        try await LiveServer.with { server in
            let wrong = [("purpose", "fun"), ("expires_after[seconds]", "x"), ("more", "1")]
            let refused = try await Self.upload(server, Self.form(wrong, file: nil))
            #expect(refused.status == 400)
            #expect(refused.json["error"]?["faults"]?.arrayValue?.count == 4, "\(refused.json)")
            let empty = try await Self.upload(
                server,
                Self.form([("purpose", "fine-tune")], file: "")
            )
            #expect(empty.json["error"]?["code"] == "empty_data")
            let cut = Array(Self.form([("purpose", "fine-tune")]).dropLast(8))
            #expect(try await Self.upload(server, cut).status == 400)
            let json = try await Self.upload(server, Array("{}".utf8), type: "application/json")
            #expect(json.status == 400 && json.json["error"]?["param"] == "file")
        }
    }

    @Test func `files are listed, read and removed`() async throws {
        try await LiveServer.with { server in
            let list = try await server.call(
                .get,
                "/v1/files?after=file-b&limit=5&order=asc&purpose=fine-tune"
            )
            _ = try Schema.page(of: FileObject.schema).check(list.json)
            #expect(await server.control.asked.contains("files fine-tune file-b 5 false"))
            let one = try await server.call(.get, "/v1/files/file-a")
            #expect(one.json["object"] == "file" && one.json["created_at"] == 1000)
            let content = try await server.call(.get, "/v1/files/file-a/content")
            #expect(content.text.contains("extension FakeControl"))
            let deleted = try await server.call(.delete, "/v1/files/file-a")
            #expect(deleted.json == ["id": "file-a", "object": "file", "deleted": true])
            for path in ["/v1/files/file-none", "/v1/files/file-none/content"] {
                #expect(try await server.call(.get, path).status == 404)
            }
        }
    }
}
