import APITypes
import Domain
import HTTP
import Testing

@Suite struct EvaluationEndpointTests {
    private static let request: Value = [
        "models": ["smol"], "prompts": ["a", ["prompt": "b"]], "rewards": [["name": "length"]],
        "n": 4, "seed": 7,
    ]

    @Test func `an evaluation is taken, answered with 202, and can be polled`() async throws {
        try await LiveServer.with { server in
            let taken = try await server.call(.post, "/v1/evaluations", Self.request)
            #expect(taken.status == 202)
            #expect(taken.headers["location"] == "/v1/evaluations/evaluation-2")
            #expect(taken.json["state"] == "queued")
            #expect(taken.json["rewards"] == [["name": "length"]])
            #expect(await server.control.asked.contains("evaluate [\"smol\"] 4 7"))
            let found = try await server.call(.get, "/v1/evaluations/evaluation-1")
            #expect(found.json["progress"] == ["completed": 1, "total": 4])
            #expect(found.json["error"]?["code"] == "worker_lost")
            let page = try await server.call(.get, "/v1/evaluations?after=evaluation-0&limit=5")
            #expect(page.json["has_more"] == true)
            #expect(await server.control.asked.contains("evaluations evaluation-0 5"))
        }
    }

    @Test func `what is wrong is refused, and what is not there is not found`() async throws {
        try await LiveServer.with { server in
            let wrong: Value = ["models": ["a", "b", "c"], "prompt": [], "n": 0]
            let refused = try await server.call(.post, "/v1/evaluations", wrong)
            #expect(refused.status == 400 && refused.errorCode == "invalid_request")
            #expect(refused.json["error"]?["faults"]?.arrayValue?.count == 3)
            let missing: Value = ["models": ["missing"], "prompts": ["a"]]
            #expect(try await server.call(.post, "/v1/evaluations", missing).status == 404)
            #expect(try await server.call(.get, "/v1/evaluations/evaluation-9").status == 404)
            let late = try await server.call(.post, "/v1/evaluations/evaluation-1/cancel")
            #expect(late.status == 409)
            let deleted = try await server.call(.delete, "/v1/evaluations/evaluation-1")
            #expect(deleted.json["deleted"] == true)
        }
    }
}
