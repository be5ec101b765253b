import API
import APITypes
import Domain
import Foundation
import HTTP
import Telemetry
import TestSupport
import Testing

/// A real server on a free port over a fake control side.
struct LiveServer: Sendable {
    let control: FakeControl
    let port: Int
    private let client = HTTPClient.patient

    struct Reply {
        let status: Int
        let json: Value
        let text: String
        let headers: HTTPHeaders
        var errorCode: String? { json["error"]?["code"]?.stringValue }
        var errorMessage: String { json["error"]?["message"]?.stringValue ?? "" }
    }

    static func with(
        servedReward: ServedReward? = nil,
        argillaSecret: WebhookSecret? = nil,
        _ body: (LiveServer) async throws -> Void
    ) async throws {
        let control = FakeControl()
        let folder = NSTemporaryDirectory() + "hone-api-\(UUID().uuidString)"
        var context = APIContext(
            control: control,
            metrics: MetricsRegistry(),
            log: Log(level: .off),
            temporaryFolder: folder
        )
        context.servedReward = servedReward
        context.argillaSecret = argillaSecret
        let server = try APIServer.make(host: "127.0.0.1", port: 0, context: context)
        async let serving: Void = server.run()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(LiveServer(control: control, port: server.port)))
        } catch {
            result = .failure(error)
        }
        server.shutdown()
        try await serving
        let left = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        #expect(left.isEmpty, "temporary files are left")
        try? FileManager.default.removeItem(atPath: folder)
        try result.get()
    }

    func call(
        _ method: HTTPMethod,
        _ target: String,
        _ body: Value? = nil,
        headers: HTTPHeaders = HTTPHeaders()
    ) async throws -> Reply {
        var headers = headers
        if body != nil, headers["content-type"] == nil {
            headers["content-type"] = "application/json"
        }
        let response = try await client.send(
            ClientRequest(
                method,
                try HTTPURL("http://127.0.0.1:\(port)\(target)"),
                headers: headers,
                body: body.map { Array(JSONText.data($0)) } ?? []
            )
        )
        return Reply(
            status: response.status.rawValue,
            json: (try? JSONText.value(Data(response.body), source: "the reply")) ?? .null,
            text: String(decoding: response.body, as: UTF8.self),
            headers: response.headers
        )
    }
}
