import APITypes
import Domain
import Foundation
import HTTP
import Store
import Synchronization
import Telemetry
import Testing

@testable import API

@Suite(.timeLimit(.minutes(15)))
struct WebhookTests {
    /// Stored events of one run, and how far a webhook is.
    private actor Events: WebhookSource {
        let list: [EventRecord]
        private(set) var cursor = 0

        init(_ kinds: [String]) {
            list = kinds.enumerated().map { index, kind in
                EventRecord(
                    runID: "run-1",
                    id: index + 1,
                    time: Date(timeIntervalSince1970: 1_800_000_000.5),
                    kind: kind,
                    payload: ["place": .integer(index)]
                )
            }
        }

        func webhookCursor(_ url: String) -> Int { cursor }
        func moveWebhookCursor(_ url: String, to event: Int) { cursor = event }
        func events(after id: Int, limit: Int) -> [EventRecord] {
            Array(list.filter { $0.id > id }.prefix(limit))
        }
        nonisolated func eventSignals() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
    }

    /// What the receiver got, and what it answers next; 200 when nothing is left.
    private final class Receiver: Sendable {
        let requests = Mutex<[HTTPRequest]>([])
        let statuses: Mutex<[HTTPStatus]>

        init(_ statuses: [HTTPStatus] = []) { self.statuses = Mutex(statuses) }

        var ids: [String] {
            requests.withLock { $0.map { $0.headers["webhook-id"] ?? "" } }
        }

        var route: Route {
            .async(.post, "/hook") { request in
                self.requests.withLock { $0.append(request) }
                let status = self.statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
                return HTTPResponse(status)
            }
        }
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// Serves the receiver on a free port while the body runs; gives a sender to it and its pauses.
    private func sending(
        _ events: Events,
        to receiver: Receiver,
        only kinds: [String] = ["run.state", "run.metrics"],
        _ body: @Sendable (WebhookSender) async throws -> Void
    ) async throws {
        let server = try HTTPServer(
            configuration: ServerConfiguration(),
            router: Router([receiver.route]),
            log: Log(level: .off),
            metrics: nil
        )
        let url = "http://127.0.0.1:\(server.port)/hook"
        let value: Value = [
            "url": .string(url), "secret": .string(Self.secret),
            "events": .array(kinds.map { .string($0) }),
        ]
        var sender = WebhookSender(
            try Webhook(value, path: "$"),
            source: events,
            log: Log(level: .off)
        )
        sender.sleep = { _ in }
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            try await body(sender)
            server.shutdown()
            try await group.waitForAll()
        }
    }

    /// The vector was made with Python's `hmac` from the secret, id and body that the libraries of
    /// Standard Webhooks are tested with.
    @Test func `a signature is that of Standard Webhooks`() throws {
        let webhook = try Webhook(["url": "http://a/", "secret": .string(Self.secret)], path: "$")
        let message = WebhookMessage(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        let headers = message.headers(
            key: webhook.key,
            at: Date(timeIntervalSince1970: 1_614_265_330)
        )
        #expect(headers["webhook-timestamp"] == "1614265330")
        #expect(headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `an event is posted with its type, its object and a signature that verifies`()
        async throws
    {
        let (events, receiver) = (Events(["state"]), Receiver())
        try await sending(events, to: receiver) { sender in
            let outcome = try await sender.drain()
            #expect(outcome == .done)
        }
        let request = try #require(receiver.requests.withLock { $0.first })
        let body = try JSONText.value(Data(request.body), source: "the body")
        #expect(body["type"] == "run.state")
        #expect(body["timestamp"] == "2027-01-15T08:00:00.500Z")
        #expect(body["data"]?["run"] == "run-1")
        #expect(body["data"]?["data"]?["place"] == 0)
        _ = try EventObject.schema.check(body["data"] ?? .null)
        let key = try #require(Data(base64Encoded: String(Self.secret.dropFirst(6))))
        let fields = ["webhook-id", "webhook-timestamp"].map { request.headers[$0] ?? "" }
        let signed = Array("\(fields[0]).\(fields[1]).".utf8) + request.body
        let code = SHA256.authenticationCode(signed, key: Array(key))
        let signature = "v1," + Data(code).base64EncodedString()
        #expect(request.headers["webhook-signature"] == signature)
    }

    @Test func `an event that is not taken comes again with the same id and bytes`() async throws {
        let (events, receiver) = (Events(["state", "metrics"]), Receiver([500, 503, 302]))
        try await sending(events, to: receiver) { sender in
            let outcome = try await sender.drain()
            #expect(outcome == .done)
        }
        let ids = receiver.ids
        #expect(ids.count == 5)
        #expect(Set(ids[0..<4]).count == 1 && ids[4] != ids[3])
        let bodies = receiver.requests.withLock { $0.map(\.body) }
        #expect(Set(bodies[0..<4]).count == 1)
        #expect(await events.cursor == 2)
    }

    @Test func `only what was asked for is sent, and the rest is passed over for good`()
        async throws
    {
        let events = Events(["progress", "state", "log", "progress"])
        let receiver = Receiver()
        try await sending(events, to: receiver, only: ["run.state"]) { sender in
            let outcome = try await sender.drain()
            #expect(outcome == .done)
        }
        #expect(receiver.ids.map { $0.prefix(5) } == ["evt-2"])
        #expect(await events.cursor == 4)
    }

    @Test func `a restart goes on where the last one stood`() async throws {
        let (events, receiver) = (Events(["state", "state", "state"]), Receiver([200, 500]))
        try await sending(events, to: receiver) { sender in
            var stopped = sender
            stopped.sleep = { _ in withUnsafeCurrentTask { $0?.cancel() } }
            let first = stopped
            let interrupted = try await Task { try await first.drain() }.value
            #expect(interrupted == .interrupted)
            #expect(await events.cursor == 1)
            let outcome = try await sender.drain()
            #expect(outcome == .done)
        }
        let ids = receiver.ids
        #expect(ids.map { $0.prefix(5) } == ["evt-1", "evt-2", "evt-2", "evt-3"])
        #expect(ids[1] == ids[2])
    }

    @Test func `an event that is refused too often is given up, and the next is sent`()
        async throws
    {
        let refusals = [HTTPStatus](repeating: 500, count: WebhookSender.attempts)
        let (events, receiver) = (Events(["state", "state"]), Receiver(refusals))
        try await sending(events, to: receiver) { sender in
            let outcome = try await sender.drain()
            #expect(outcome == .done)
        }
        #expect(receiver.ids.count == WebhookSender.attempts + 1)
        #expect(await events.cursor == 2)
    }

    @Test func `a receiver that is gone is left alone, and its cursor stands`() async throws {
        let (events, receiver) = (Events(["state", "state"]), Receiver([410]))
        try await sending(events, to: receiver) { sender in await sender.run() }
        #expect(receiver.ids.count == 1)
        #expect(await events.cursor == 0)
    }

    @Test func `pauses double up to five minutes, with a random half`() {
        #expect(RetryPause.before(2, jitter: 0) == .seconds(1))
        #expect(RetryPause.before(2, jitter: 0.5) == .seconds(1.5))
        #expect(RetryPause.before(5, jitter: 0) == .seconds(8))
        #expect(RetryPause.before(60, jitter: 0) == .seconds(150))
    }

    @Test func `ids of equal events differ between servers`() throws {
        var event = EventRecord(
            runID: "run-1",
            id: 1,
            time: Date(timeIntervalSince1970: 5),
            kind: "state",
            payload: [:]
        )
        let one = try WebhookMessage(event).id
        #expect(try WebhookMessage(event).id == one)
        event.time = Date(timeIntervalSince1970: 6)
        #expect(try WebhookMessage(event).id != one)
    }

    @Test func `a configuration's faults are listed by their places`() throws {
        let good: Value = ["url": "http://a/x", "secret": .string(Self.secret)]
        let list: Value = [
            good, good, ["url": "https://a/", "secret": .string(Self.secret)],
            ["url": "http://b/", "secret": "whsec_c2hvcnQ="],
        ]
        let faults = #expect(throws: Faults.self) { try Webhook.list(list) }
        #expect(
            faults?.list.map(\.path) == [
                "$.webhooks[1].url", "$.webhooks[2].url", "$.webhooks[3].secret",
            ]
        )
        #expect(faults?.list.last?.message.contains("openssl rand -base64 32") == true)
    }
}
