import APITypes
import Domain
import Foundation
import HTTP
import Scheduling
import Store
import Telemetry
import Testing

@testable import API

@Suite struct TokenTests {
    private static func token(
        _ server: LiveServer,
        _ name: String,
        _ scopes: [String],
        _ more: [String: Value] = [:],
        by admin: String? = nil
    ) async throws -> String {
        var body: [String: Value] = [
            "name": .string(name), "scopes": .array(scopes.map { .string($0) }),
        ]
        body.merge(more) { _, new in new }
        let headers = admin.map(bearer) ?? [:]
        let reply = try await server.call(.post, "/v1/tokens", .object(body), headers: headers)
        try #require(reply.status == 201, "\(reply.text)")
        _ = try TokenObject.schema.check(reply.json)
        return try #require(reply.json["token"]?.stringValue)
    }

    private static func bearer(_ token: String) -> HTTPHeaders {
        ["authorization": "Bearer \(token)"]
    }

    @Test func `without tokens nothing is asked for, from the first one on everything`()
        async throws
    {
        try await LiveServer.with { server in
            let any: HTTPHeaders = ["authorization": "Bearer whatever"]
            #expect(try await server.call(.get, "/v1/models", headers: any).status == 200)
            let admin = try await Self.token(server, "root", ["admin"])
            #expect(admin.wholeMatch(of: /hone_[0-9a-f]{8}_[0-9a-f]{64}/) != nil)
            let none = try await server.call(.get, "/v1/models")
            #expect(none.status == 401 && none.errorCode == "unauthorized")
            #expect(none.headers["www-authenticate"] == #"Bearer realm="hone""#)
            #expect(none.headers["x-request-id"] != nil)
            let wrong = try await server.call(.get, "/v1/models", headers: any)
            #expect(wrong.status == 401)
            #expect(wrong.headers["www-authenticate"]?.contains("invalid_token") == true)
            for path in ["/healthz", "/readyz", "/"] {
                #expect(try await server.call(.get, path).status == 200, "\(path)")
            }
            #expect(try await server.call(.get, "/nowhere").status == 401)
            let right = Self.bearer(admin)
            #expect(try await server.call(.get, "/v1/models", headers: right).status == 200)
            #expect(try await server.call(.get, "/nowhere", headers: right).status == 404)
        }
    }

    @Test func `a token is taken as bearer, as x-api-key and as a password`() async throws {
        try await LiveServer.with { server in
            let token = try await Self.token(server, "root", ["admin"])
            let password = Data("anyone:\(token)".utf8).base64EncodedString()
            for headers: HTTPHeaders in [
                ["authorization": "bearer \(token)"], ["x-api-key": token],
                ["authorization": "Basic \(password)"],
            ] {
                #expect(try await server.call(.get, "/v1/models", headers: headers).status == 200)
            }
            var two = Self.bearer(token)
            two.append("x-api-key", token)
            #expect(try await server.call(.get, "/v1/models", headers: two).status == 401)
            let query = try await server.call(.get, "/v1/models?token=\(token)")
            #expect(query.status == 401)
        }
    }

    @Test func `every endpoint takes the scopes it declares and no other`() async throws {
        try await LiveServer.with { server in
            let admin = try await Self.token(server, "admin", ["admin"])
            var tokens: [TokenScope: String] = [.admin: admin]
            for scope in TokenScope.allCases where scope != .admin {
                tokens[scope] = try await Self.token(
                    server,
                    scope.rawValue,
                    [scope.rawValue],
                    by: admin
                )
            }
            #expect(APIRouter.scopes.count > 70)
            for endpoint in APIRouter.scopes {
                let path = endpoint.path.replacing(/\{[a-z]+\}/, with: "none")
                let anyone = try await server.call(endpoint.method, path)
                guard let needed = endpoint.scope else {
                    let isSigned = path == "/integrations/argilla/webhook"
                    #expect(anyone.status != 401 && (anyone.status != 403 || isSigned), "\(path)")
                    continue
                }
                #expect(anyone.status == 401, "\(endpoint.method) \(path)")
                for (scope, token) in tokens {
                    let reply = try await server.call(
                        endpoint.method,
                        path,
                        headers: Self.bearer(token)
                    )
                    let isRefused = reply.headers["www-authenticate"] != nil
                    let isGranted = scope.granted.contains(needed)
                    #expect(isRefused != isGranted, "\(scope) \(endpoint.method) \(path)")
                    #expect(isGranted || reply.status == 403, "\(scope) \(endpoint.method) \(path)")
                    guard isRefused else { continue }
                    #expect(reply.errorMessage.contains("scope \(needed.rawValue)"))
                }
            }
        }
    }

    @Test func `revoked and expired tokens open nothing at once`() async throws {
        try await LiveServer.with { server in
            let admin = try await Self.token(server, "root", ["admin"])
            let reader = try await Self.token(server, "reader", ["read"], by: admin)
            #expect(
                try await server.call(.get, "/v1/runs", headers: Self.bearer(reader)).status == 200
            )
            let revoked = try await server.call(
                .delete,
                "/v1/tokens/reader",
                headers: Self.bearer(admin)
            )
            #expect(revoked.status == 200 && revoked.json["revoked_at"] != nil)
            #expect(revoked.json["token"] == nil)
            let after = try await server.call(.get, "/v1/runs", headers: Self.bearer(reader))
            #expect(after.status == 401)
            let missing = try await server.call(
                .delete,
                "/v1/tokens/reader",
                headers: Self.bearer(admin)
            )
            #expect(missing.status == 404)
            // The name is free again, and the list keeps both.
            _ = try await Self.token(server, "reader", ["read"], by: admin)
            let list = try await server.call(.get, "/v1/tokens", headers: Self.bearer(admin))
            #expect(list.json["data"]?.arrayValue?.count == 3)
            #expect(!list.text.contains(admin))
            // The last admin may go too: then only the data folder itself helps.
            _ = try await server.call(.delete, "/v1/tokens/root", headers: Self.bearer(admin))
            #expect(try await server.call(.get, "/v1/runs").status == 401)
        }
    }

    @Test func `an unusable request for a token is refused with every fault`() async throws {
        try await LiveServer.with { server in
            let wrong: Value = ["name": "../x", "scopes": ["root"], "expires_in": 0, "scope": 1]
            let reply = try await server.call(.post, "/v1/tokens", wrong)
            #expect(reply.status == 400)
            #expect(reply.json["error"]?["faults"]?.arrayValue?.count == 4)
            let bound: Value = ["name": "x", "scopes": ["train"], "annotator": "y"]
            #expect(try await server.call(.post, "/v1/tokens", bound).status == 400)
            // Nothing was made: the server is still open.
            #expect(try await server.call(.get, "/v1/models").status == 200)
            _ = try await Self.token(server, "one", ["admin"])
        }
    }

    @Test func `an annotator sees what is theirs and nothing else`() async throws {
        try await LiveServer.with { server in
            let admin = try await Self.token(server, "root", ["admin"])
            let alice = Self.bearer(
                try await Self.token(server, "alice", ["annotate"], by: admin)
            )
            let bob = Self.bearer(
                try await Self.token(
                    server,
                    "b",
                    ["annotate", "read"],
                    ["annotator": "bob"],
                    by: admin
                )
            )
            let verdict: Value = [
                "kind": "binary", "prompt": "p", "completion": "c", "value": true,
            ]
            let given = try await server.call(.post, "/v1/feedback", verdict, headers: alice)
            #expect(given.status == 201 && given.json["annotator"] == "alice")
            let id = try #require(given.json["id"]?.integerValue)
            let path = "/v1/feedback/\(id)"
            #expect(try await server.call(.get, path, headers: alice).status == 200)
            let missing = try await server.call(.get, "/v1/feedback/999", headers: bob)
            for (method, path) in [
                (HTTPMethod.get, path), (.delete, path), (.post, path + "/withdraw"),
            ] {
                let reply = try await server.call(method, path, headers: bob)
                #expect(reply.status == 404 && reply.errorCode == "not_found")
                #expect(
                    reply.errorMessage == missing.errorMessage.replacing("999", with: "\(id)")
                )
            }
            let list = try await server.call(.get, "/v1/feedback", headers: bob)
            #expect(list.json["data"]?.arrayValue?.isEmpty == true)
            let asked = try await server.call(.get, "/v1/feedback?annotator=alice", headers: bob)
            #expect(asked.json["data"]?.arrayValue?.isEmpty == true)
            let own = try await server.call(.get, "/v1/feedback", headers: alice)
            #expect(own.json["data"]?.arrayValue?.count == 1)
            var foreign = verdict.objectValue ?? [:]
            foreign["annotator"] = "alice"
            let posed = try await server.call(
                .post,
                "/v1/feedback",
                .object(foreign),
                headers: bob
            )
            #expect(posed.status == 403 && posed.json["error"]?["param"] == "annotator")
            let lease: Value = ["annotator": "alice"]
            let stolen = try await server.call(
                .post,
                "/v1/annotations/lease",
                lease,
                headers: bob
            )
            #expect(stolen.status == 403)
            let leased = try await server.call(.post, "/v1/annotations/lease", [:], headers: bob)
            #expect(leased.status == 200)
            let event: Value = ["action": "ANNOTATION_CREATED"]
            let tool = try await server.call(
                .post,
                "/integrations/label-studio/webhook",
                event,
                headers: bob
            )
            #expect(tool.status == 403)
        }
    }

    @Test func `requests over a token's allowance wait`() async throws {
        try await LiveServer.with { server in
            let limits: Value = ["requests_per_minute": 3]
            let admin = try await Self.token(server, "root", ["admin"])
            let slow = Self.bearer(
                try await Self.token(server, "slow", ["read"], ["limits": limits], by: admin)
            )
            for _ in 0..<3 {
                #expect(try await server.call(.get, "/v1/models", headers: slow).status == 200)
            }
            let over = try await server.call(.get, "/v1/models", headers: slow)
            #expect(over.status == 429 && over.errorCode == "rate_limited")
            #expect(Int(over.headers["retry-after"] ?? "").map { (1...20).contains($0) } == true)
            let other = try await server.call(.get, "/v1/models", headers: Self.bearer(admin))
            #expect(other.status == 200)
        }
    }

    @Test func `tokens that were drawn are counted, and what is over waits`() async throws {
        try await LiveServer.with { server in
            let limits: Value = ["tokens_per_minute": 2, "concurrent_generations": 1]
            let drawer = Self.bearer(
                try await Self.token(server, "drawer", ["generate"], ["limits": limits])
            )
            let request: Value = ["model": "smol", "prompts": ["p"]]
            let first = try await server.call(.post, "/v1/rollouts", request, headers: drawer)
            #expect(first.status == 200, "\(first.text)")
            let second = try await server.call(.post, "/v1/rollouts", request, headers: drawer)
            #expect(second.status == 429 && second.headers["retry-after"] != nil)
            #expect(second.errorMessage.contains("tokens a minute"))
        }
    }

    @Test func `guesses are slowed, and lock nobody out who works there`() async throws {
        try await LiveServer.with { server in
            let admin = Self.bearer(try await Self.token(server, "root", ["admin"]))
            let fresh = try await server.call(
                .post,
                "/v1/tokens",
                ["name": "fresh", "scopes": ["read"]],
                headers: admin
            )
            let guess = Self.bearer(
                "hone_00000000_" + String(repeating: "0", count: 64)
            )
            for _ in 0..<10 {
                #expect(try await server.call(.get, "/v1/runs", headers: guess).status == 401)
            }
            let slowed = try await server.call(.get, "/v1/runs", headers: guess)
            #expect(slowed.status == 429 && slowed.headers["retry-after"] != nil)
            #expect(try await server.call(.get, "/v1/runs", headers: admin).status == 200)
            // One that has not been seen here could be a guess that is right.
            let unseen = Self.bearer(try #require(fresh.json["token"]?.stringValue))
            #expect(try await server.call(.get, "/v1/runs", headers: unseen).status == 429)
        }
    }

    @Test func `what is under way ends with its token`() async throws {
        let control = FakeControl()
        let gate = Gatekeeper(
            desk: control.tokens,
            metrics: MetricsRegistry(),
            log: Log(level: .off)
        )
        let made = try await control.tokens.create(NewToken(name: "x", scopes: [.read]))
        try await gate.reload()
        let caller = Caller(made.record, defaults: TokenLimits())
        try await gate.whileLive(caller) {}
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        async let ended: Bool = {
            do {
                try await gate.whileLive(caller) {
                    start.yield()
                    try await Task.sleep(for: .seconds(600))
                }
                return false
            } catch { return error is CancellationError }
        }()
        for await _ in starts { break }
        _ = try await control.tokens.revoke("x")
        try await gate.reload()
        #expect(await ended)
        // One that has ended begins nothing.
        await #expect(throws: CancellationError.self) {
            try await gate.whileLive(caller) { try await Task.sleep(for: .seconds(600)) }
        }
    }

    @Test func `a place for a generation is given back once`() async throws {
        let control = FakeControl()
        let gate = Gatekeeper(
            desk: control.tokens,
            defaults: TokenLimits(concurrentGenerations: 1),
            metrics: MetricsRegistry(),
            log: Log(level: .off)
        )
        let made = try await control.tokens.create(NewToken(name: "x", scopes: [.generate]))
        let caller = Caller(made.record, defaults: gate.defaults)
        let permit = try gate.beginGeneration(caller)
        #expect(throws: LimitReached.self) { try gate.beginGeneration(caller) }
        permit?.release()
        permit?.release()
        var next = try gate.beginGeneration(caller)
        #expect(throws: LimitReached.self) { try gate.beginGeneration(caller) }
        #expect(next != nil)
        next = nil
        _ = try gate.beginGeneration(caller)
        #expect(try gate.beginGeneration(nil) == nil)
    }

    @Test func `keys of idempotent requests belong to their caller`() async throws {
        try await LiveServer.with { server in
            let admin = try await Self.token(server, "root", ["admin"])
            let other = try await Self.token(server, "other", ["train"], by: admin)
            let spec: Value = [
                "name": "new", "kind": "online", "model": "smol", "prompts": ["file": "p"],
                "reward": ["name": "length"],
            ]
            var first = Self.bearer(admin)
            first["idempotency-key"] = "k"
            var second = Self.bearer(other)
            second["idempotency-key"] = "k"
            _ = try await server.call(.post, "/v1/runs", spec, headers: first)
            let again = try await server.call(.post, "/v1/runs", spec, headers: first)
            #expect(again.headers["idempotent-replayed"] == "true")
            let foreign = try await server.call(.post, "/v1/runs", spec, headers: second)
            #expect(foreign.headers["idempotent-replayed"] == nil)
        }
    }
}
