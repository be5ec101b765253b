import APITypes
import Client
import Domain
import HTTP
import Synchronization
import TestSupport
import Testing

/// The client of a honed against replies made by hand.
@Suite(.timeLimit(.minutes(15)))
struct HoneClientTests {
    private func serving(
        _ routes: [Route],
        _ body: @Sendable (HoneClient) async throws -> Void
    ) async throws {
        let server = try HTTPServer(configuration: ServerConfiguration(), router: Router(routes))
        let client = HoneClient(url: "http://127.0.0.1:\(server.port)")
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            try await body(client)
            server.shutdown()
            try await group.waitForAll()
        }
    }

    private static func event(_ id: Int, _ kind: String) throws -> ServerSentEvent {
        let object = EventObject(id: id, run: "run-1", kind: kind, time: 0, data: [:])
        let text = String(decoding: try JSONText.encode(object), as: UTF8.self)
        return ServerSentEvent(data: text, event: kind, id: String(id), retryMilliseconds: 1)
    }

    @Test func `a server that ends while a run is followed is asked again for what comes after`()
        async throws
    {
        let visits = Mutex<[String]>([])
        let events = Route.immediate(.get, "/v1/runs/{id}/events") { request in
            let count = visits.withLock {
                $0.append(request.headers["last-event-id"] ?? "")
                return $0.count
            }
            return .events { writer in
                try await writer.send(Self.event(count == 1 ? 7 : 8, "state"))
                if count == 1 { try await writer.send(Self.event(0, "shutdown")) }
            }
        }
        try await serving([events]) { client in
            var ids: [Int] = []
            for try await event in client.events("run-1") { ids.append(event.id) }
            #expect(ids == [7, 8])
        }
        #expect(visits.withLock { $0 } == ["0", "7"])
    }

    @Test func `only a server that is not there is said not to be there`() async throws {
        let broken = Route.immediate(.get, "/v1/models/{name}") { _ in
            HTTPResponse(body: .stream { _ in throw HTTPServerError.clientGone })
        }
        try await serving([broken]) { client in
            let error = await #expect(throws: HoneError.self) {
                try await client.get(ModelObject.self, "/v1/models/a")
            }
            #expect(error?.code == .internalError)
            #expect(error?.message.contains("no honed answers") == false)
        }
        let error = await #expect(throws: HoneError.self) {
            try await HoneClient(url: "http://127.0.0.1:1").get(ModelObject.self, "/v1/models/a")
        }
        #expect(error?.message.contains("no honed answers") == true)
    }
}
