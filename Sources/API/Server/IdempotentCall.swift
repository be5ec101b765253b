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

    init(endpoint: Endpoint, call: EndpointCall, key: String) throws {
        self.endpoint = endpoint
        self.call = call
        self.key = key
        requestHash = try Self.hash(endpoint, call)
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

    /// A hash of method, path, query and body, with their lengths: it tells a retry from a mistake and
    /// guards no secret.
    private static func hash(_ endpoint: Endpoint, _ call: EndpointCall) throws -> String {
        let query = call.request.query.items.map { "\($0.name)=\($0.value)" }
        var hash = ContentHash()
        hash.take(
            "\(endpoint.method.rawValue) \(call.request.path)?\(query.joined(separator: "&"))\n"
        )
        let headCount = hash.count
        if let form = call.form {
            // Retries draw new boundaries: what counts is what stands between them.
            for part in form.parts {
                hash.take("\(part.name)\n\(part.filename ?? "")\n\(part.body.count)\n")
                try part.body.forEachPiece { hash.take($0) }
            }
        } else {
            try call.request.content.forEachPiece { hash.take($0) }
        }
        return "\(headCount)-\(hash.count - headCount)-\(String(hash.value, radix: 16))"
    }
}

/// FNV-1a of 64 bits.
private struct ContentHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var count = 0

    mutating func take(_ text: String) { take(Array(text.utf8)) }

    mutating func take(_ bytes: [UInt8]) {
        var hash = value
        bytes.withUnsafeBufferPointer {
            for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        value = hash
        count += bytes.count
    }
}
