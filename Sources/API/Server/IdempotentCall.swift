import Domain
import Foundation
import HTTP
import Store
import Telemetry

/// A creating request with an `Idempotency-Key`: done once, answered the same ever after.
struct IdempotentCall {
    let endpoint: Endpoint
    let call: EndpointCall
    let key: String
    private let requestHash: String

    init(endpoint: Endpoint, call: EndpointCall, key: String) {
        self.endpoint = endpoint
        self.call = call
        self.key = key
        requestHash = Self.hash(endpoint, call.request)
    }

    func answer() async throws -> HTTPResponse {
        guard (1...255).contains(key.utf8.count) else {
            throw HoneError(
                .invalidRequest,
                "Idempotency-Key must have 1 to 255 bytes",
                param: "Idempotency-Key"
            )
        }
        switch try await claim() {
        case .claimed: return try await perform()
        case .replay(let status, let body):
            var response = HTTPResponse.json(Data(body.utf8), status: status)
            response.headers["idempotent-replayed"] = "true"
            return response
        case .inProgress:
            throw HoneError(
                .conflict,
                "a request with this Idempotency-Key is still being answered; try again later",
                param: "Idempotency-Key"
            )
        case .conflict:
            throw HoneError(
                .conflict,
                "this Idempotency-Key was used with another request; use a new key",
                param: "Idempotency-Key"
            )
        }
    }

    /// Claims the key; while an equal request is being answered, waits for its reply.
    private func claim() async throws -> IdempotencyClaim {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        var pause = Duration.milliseconds(5)
        while true {
            let claim = try await call.control.claim(
                idempotencyKey: ownKey,
                bodyHash: requestHash
            )
            guard case .inProgress = claim, clock.now < end else { return claim }
            try await clock.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    /// How long a request waits for the reply to an equal one.
    private static let patience = Duration.seconds(60)

    /// Each caller has keys of their own: nobody gets the reply to somebody else's request.
    private var ownKey: String { call.caller.map { "\($0.id)/\(key)" } ?? key }

    private func perform() async throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            var named = call
            named.origin = "\(ownKey)/\(requestHash)"
            response = try await endpoint.handle(named)
        } catch {
            // Nothing was created: the same key may try again.
            try? await call.control.abandon(idempotencyKey: ownKey)
            throw error
        }
        guard case .bytes(let body) = response.body else {
            try await call.control.abandon(idempotencyKey: ownKey)
            return response
        }
        do {
            try await call.control.finish(
                idempotencyKey: ownKey,
                status: response.status.rawValue,
                body: String(decoding: body, as: UTF8.self)
            )
        } catch {
            // It is done and told; sent again it is found by what it created.
            call.context.log.warning("a reply was not kept for its key", ["cause": "\(error)"])
            try? await call.control.abandon(idempotencyKey: ownKey)
        }
        return response
    }

    /// FNV-1a over method, path, query and body, with their lengths: it tells a retry from a
    /// mistake and guards no secret.
    private static func hash(_ endpoint: Endpoint, _ request: HTTPRequest) -> String {
        let query = request.query.items.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let head = "\(endpoint.method.rawValue) \(request.path)?\(query)\n"
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func take(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in head.utf8 { take(byte) }
        request.body.withUnsafeBufferPointer { for byte in $0 { take(byte) } }
        return "\(head.utf8.count)-\(request.body.count)-\(String(hash, radix: 16))"
    }
}
