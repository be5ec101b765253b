import API
import APITypes
import Domain
import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct EndpointTests {
    private static let spec: Value = [
        "name": "new", "kind": "online", "model": "smol", "prompts": ["file": "p"],
        "reward": ["name": "length"],
    ]

    private static func spec(_ changes: [String: Value]) -> Value {
        .object(spec.objectValue?.merging(changes) { _, new in new } ?? [:])
    }

    @Test func `every object that is read has its schema's fields`() async throws {
        try await LiveServer.with { server in
            let objects: [(String, Schema)] = [
                ("/v1/models", .page(of: ModelObject.schema)),
                ("/v1/models/smol", ModelObject.schema),
                ("/v1/runs", .page(of: RunObject.schema)), ("/v1/runs/first", RunObject.schema),
                ("/v1/runs/run-1/metrics", .page(of: IterationObject.schema)),
                ("/v1/runs/run-1/checkpoints", .page(of: CheckpointObject.schema)),
                ("/v1/runs/run-1/rollouts", .page(of: RolloutObject.schema)),
                ("/v1/runs/run-1/pairs", .page(of: PairObject.schema)),
                ("/v1/rollouts", .page(of: RolloutObject.schema)),
                ("/v1/rollouts/7", RolloutObject.schema),
                ("/v1/objectives", .page(of: CatalogueObject.schema)),
                ("/v1/rewards", .page(of: CatalogueObject.schema)),
                ("/v1/workers", .page(of: WorkerObject.schema)),
                ("/v1/evaluations", .page(of: EvaluationObject.schema)),
                ("/v1/evaluations/evaluation-1", EvaluationObject.schema),
                ("/healthz", HealthObject.schema), ("/readyz", HealthObject.schema),
            ]
            for (path, schema) in objects {
                let reply = try await server.call(.get, path)
                #expect(reply.status == 200, "\(path)")
                _ = try schema.check(reply.json)
                #expect(reply.headers["x-request-id"] != nil)
            }
        }
    }

    @Test func `a submitted run is queued, found again or refused with every fault`() async throws {
        try await LiveServer.with { server in
            let created = try await server.call(.post, "/v1/runs", Self.spec)
            #expect(created.status == 202)
            #expect(created.headers["location"] == "/v1/runs/run-2")
            #expect(created.json["queue_position"] == 1)
            #expect(created.json["spec"]?["optimizer"]?["learning_rate"] == 5e-6)
            let again = try await server.call(.post, "/v1/runs", Self.spec(["name": "again"]))
            #expect(again.status == 200)
            let taken = try await server.call(.post, "/v1/runs", Self.spec(["name": "taken"]))
            #expect(taken.status == 409)
            #expect(taken.errorCode == "already_exists")
            let wrong = Self.spec(["iterations": 0, "optimizr": [:]])
            let refused = try await server.call(.post, "/v1/runs", wrong)
            #expect(refused.status == 400)
            #expect(refused.errorCode == "invalid_spec")
            #expect(refused.json["error"]?["faults"]?.arrayValue?.count == 2)
            let missing = try await server.call(.post, "/v1/runs", Self.spec(["model": "missing"]))
            #expect(missing.status == 400)
            #expect(missing.json["error"]?["param"] == "$.model")
        }
    }

    @Test func `validation starts nothing and lists faults with status 200`() async throws {
        try await LiveServer.with { server in
            let good = try await server.call(.post, "/v1/runs?validate=true", Self.spec)
            #expect(good.status == 200)
            #expect(good.json["valid"] == true)
            #expect(good.json["memory_bytes"] == .integer(1 << 30))
            let bad = try await server.call(.post, "/v1/runs?validate", ["name": "X"])
            #expect(bad.status == 200)
            #expect(bad.json["valid"] == false)
            #expect(await server.control.asked.isEmpty)
        }
    }

    @Test func `an idempotency key does a thing once`() async throws {
        try await LiveServer.with { server in
            let key: HTTPHeaders = ["idempotency-key": "k1"]
            let first = try await server.call(.post, "/v1/runs", Self.spec, headers: key)
            let second = try await server.call(.post, "/v1/runs", Self.spec, headers: key)
            #expect(second.status == 202)
            #expect(second.json == first.json)
            #expect(second.headers["idempotent-replayed"] == "true")
            #expect(await server.control.asked == ["submit new"])
            let other = Self.spec(["seed": 5])
            let conflict = try await server.call(.post, "/v1/runs", other, headers: key)
            #expect(conflict.status == 409)
            // A failure gives the key back.
            let bad: HTTPHeaders = ["idempotency-key": "k2"]
            let import1: Value = ["name": "m", "path": "bad"]
            #expect(try await server.call(.post, "/v1/models", import1, headers: bad).status == 422)
            #expect(try await server.call(.post, "/v1/models", import1, headers: bad).status == 422)
        }
    }

    @Test func `equal requests at once do a thing once and get one reply`() async throws {
        try await LiveServer.with { server in
            let key: HTTPHeaders = ["idempotency-key": "k3"]
            let replies = try await withThrowingTaskGroup(of: Value.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await server.call(.post, "/v1/runs", Self.spec, headers: key).json
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count == 20)
            #expect(replies.allSatisfy { $0 == replies[0] && $0["id"] != nil })
            #expect(await server.control.asked == ["submit new"])
        }
    }

    @Test func `a model is made of sizes`() async throws {
        try await LiveServer.with { server in
            let sizes: Value = ["tokenizer": "ascii", "layers": 3, "hidden": 64, "heads": 4]
            let request: Value = ["name": "novice", "create": sizes]
            let reply = try await server.call(.post, "/v1/models", request)
            #expect(reply.status == 201 && reply.json["id"] == "novice")
            #expect(await server.control.asked == ["create novice ascii 3"])
        }
    }

    @Test func `a body that is not declared as JSON is refused with the mend`() async throws {
        try await LiveServer.with { server in
            let form: HTTPHeaders = ["content-type": "application/x-www-form-urlencoded"]
            let reply = try await server.call(.post, "/v1/runs", Self.spec, headers: form)
            #expect(reply.status == 415)
            #expect(reply.errorMessage.contains("-H 'Content-Type: application/json'"))
            let charset: HTTPHeaders = ["content-type": "application/json; charset=utf-8"]
            #expect(
                try await server.call(.post, "/v1/runs", Self.spec, headers: charset).status == 202
            )
            #expect(try await server.call(.post, "/v1/runs").status == 400)
        }
    }

    @Test(
        arguments: [
            (["content-type": "application/json; charset=ISO-8859-1"], "iso-8859-1"),
            (["content-type": "application/json", "content-encoding": "gzip"], "gzip"),
        ] as [(HTTPHeaders, String)]
    )
    func `a body in another charset or coding is refused by its name`(
        headers: HTTPHeaders,
        name: String
    ) async throws {
        try await LiveServer.with { server in
            let reply = try await server.call(.post, "/v1/runs", Self.spec, headers: headers)
            #expect(reply.status == 415)
            #expect(reply.errorCode == "unsupported_media_type")
            #expect(reply.errorMessage.contains(name))
            #expect(await server.control.asked.isEmpty)
        }
    }

    @Test func `a body that says it is uncoded UTF-8 is taken`() async throws {
        try await LiveServer.with { server in
            let headers: HTTPHeaders = [
                "content-type": "application/json;charset=\"UTF-8\"",
                "content-encoding": "identity",
            ]
            let reply = try await server.call(.post, "/v1/runs", Self.spec, headers: headers)
            #expect(reply.status == 202)
        }
    }

    @Test func `unknown paths, methods, ids and query fields are refused in one shape`()
        async throws
    {
        try await LiveServer.with { server in
            let cases: [(HTTPMethod, String, Int, String)] = [
                (.get, "/v1/nothing", 404, "not_found"),
                (.delete, "/v1/objectives", 405, "method_not_allowed"),
                (.get, "/v1/runs/none", 404, "unknown_run"),
                (.get, "/v1/runs/none/events", 404, "unknown_run"),
                (.get, "/v1/models/none", 404, "unknown_model"),
                (.get, "/v1/rollouts/x", 404, "unknown_rollout"),
                (.get, "/v1/rollouts/8", 404, "unknown_rollout"),
                (.get, "/v1/runs?limt=1", 400, "invalid_request"),
                (.get, "/v1/rollouts?limit=0", 400, "invalid_request"),
                (.get, "/v1/rollouts?limit=a", 400, "invalid_request"),
                (.post, "/v1/runs/run-1/resume", 409, "conflict"),
            ]
            for (method, path, status, code) in cases {
                let reply = try await server.call(method, path)
                #expect(reply.status == status, "\(path)")
                #expect(reply.errorCode == code, "\(path)")
                _ = try ErrorBody.schema.check(reply.json)
            }
        }
    }

    @Test func `events are streamed with ids and go on after the last one seen`() async throws {
        try await LiveServer.with { server in
            let all = try await server.call(.get, "/v1/runs/run-1/events")
            #expect(all.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(all.text.contains("id: 1\n"))
            #expect(all.text.contains("event: state\n"))
            let header: HTTPHeaders = ["last-event-id": "2"]
            let rest = try await server.call(.get, "/v1/runs/run-1/events", headers: header)
            #expect(!rest.text.contains("id: 2\n"))
            #expect(rest.text.contains("id: 3\n"))
            let wrong: HTTPHeaders = ["last-event-id": "x"]
            let refused = try await server.call(.get, "/v1/runs/run-1/events", headers: wrong)
            #expect(refused.status == 400)
        }
    }

    @Test func `rollouts, rewards and updates reach the control side`() async throws {
        try await LiveServer.with { server in
            let drawn = try await server.call(
                .post,
                "/v1/rollouts",
                ["model": "smol", "prompts": ["a", [1, 2]], "n": 2, "sampling": ["seed": 4]]
            )
            #expect(drawn.status == 200)
            #expect(drawn.json["data"]?.arrayValue?.count == 4)
            #expect(drawn.json["data"]?.arrayValue?.last?["prompt_index"] == 1)
            let scored = try await server.call(
                .post,
                "/v1/rewards",
                [
                    "reward": ["name": "length"],
                    "items": [["completion": ""], ["rollout_id": 7]],
                ]
            )
            let scores = scored.json["scores"]?.arrayValue ?? []
            #expect(scores.map { $0["score"] } == [.null, 6])
            #expect(scores.last?["components"]?["prompt"] == 3)
            let update: Value = ["run": "first", "batch": ["sequences": [["rollout_id": 7]]]]
            let refused = try await server.call(.post, "/v1/updates", update)
            #expect(refused.status == 409)
            #expect(refused.errorCode == "immutable_model")
        }
    }

    /// What the worker itself computes of a token is not sent.
    @Test func `a client may send every field that an objective asks for`() async throws {
        let computed: Set = [
            "values", "entropies", "reverse_kl", "forward_kl", "collisions", "teacher_kl",
            "teacher_distances", "score", "label",
        ]
        let known = Set((SideFields.tokens + SideFields.scalars).map(\.name))
        try await LiveServer.with { server in
            let entries = try await server.call(.get, "/v1/objectives").json["data"]
            var asked: Set<String> = []
            for entry in entries?.arrayValue ?? [] where entry["object"] == "objective" {
                for field in entry["data"]?["fields"]?.arrayValue ?? []
                where ["token", "sequence"].contains(field["per"]?.stringValue) {
                    asked.insert(field["name"]?.stringValue ?? "")
                }
            }
            #expect(asked.count > 5)
            #expect(asked.subtracting(computed).subtracting(known).isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `sampling is broken off when its client goes`() async throws {
        try await LiveServer.with { server in
            let client = Task {
                try await server.call(
                    .post,
                    "/v1/rollouts",
                    ["model": "endless", "prompts": ["a"]]
                )
            }
            while await server.control.asked.isEmpty { await Task.yield() }
            client.cancel()
            await #expect(throws: (any Error).self) { try await client.value }
            while await server.control.asked.last != "broken off" { await Task.yield() }
        }
    }

    @Test func `a fork changes the parent's spec`() async throws {
        try await LiveServer.with { server in
            let changes: Value = ["name": "child", "optimizer": ["learning_rate": 0.5]]
            let reply = try await server.call(
                .post,
                "/v1/runs/first/fork",
                ["iteration": 2, "changes": changes]
            )
            #expect(reply.status == 202)
            #expect(await server.control.asked == ["fork run-1@2 child 0.5"])
        }
    }

    @Test func `an export is a file or a tar and leaves nothing behind`() async throws {
        try await LiveServer.with { server in
            let file = try await server.call(.get, "/v1/models/smol/export?format=gguf")
            #expect(file.text == "GGUF")
            let tar = try await server.call(.get, "/v1/models/smol/export")
            #expect(tar.text.utf8.count == 512 + 512 + 1024)
            #expect(tar.text.hasPrefix("smol/config.json\0"))
            #expect(tar.headers["content-disposition"]?.contains("smol.tar") == true)
            let head = try await server.call(.head, "/v1/models/smol/export")
            #expect(head.status == 200)
            #expect(try await server.call(.get, "/v1/models/no/export").status == 404)
            #expect(try await server.call(.get, "/v1/models/smol/export?format=x").status == 400)
        }
    }

    @Test func `metrics are in Prometheus' format`() async throws {
        try await LiveServer.with { server in
            _ = try await server.call(.get, "/healthz")
            let reply = try await server.call(.get, "/metrics")
            #expect(reply.text.contains("http_requests_total"))
            #expect(reply.text.contains("hone_worker_resident_bytes"))
            #expect(reply.text.contains("\nhone_comparisons_waiting 0\n"))
        }
    }

    @Test func `the operator's table of metrics is what is served`() async throws {
        try await LiveServer.with { server in
            _ = try await server.call(.get, "/healthz")
            let served = try await server.call(.get, "/metrics").text
                .matches(of: #/# HELP (\w+) /#).map { String($0.1) }
            let page = try String(contentsOf: Checkout.url("docs/operations.md"), encoding: .utf8)
            let listed = page.matches(of: #/\n\| `((?:http|hone)_\w+)` \|/#).map { String($0.1) }
            #expect(listed.sorted() == served.sorted())
        }
    }
}
