import APITypes
import Domain
import Foundation
import HTTP
import Store
import Testing

@Suite struct FeedbackEndpointTests {
    private static let pair: Value = [
        "kind": "pairwise", "prompt": "p", "completions": ["a", "b"], "value": "first",
        "annotator": "ada",
    ]

    @Test func `one verdict is answered with itself, a list with receipts`() async throws {
        try await LiveServer.with { server in
            let one = try await server.call(.post, "/v1/feedback", Self.pair)
            #expect(one.status == 201 && one.json["value"] == "first")
            #expect(one.json["subjects"] == [["text": "a"], ["text": "b"]])
            let list: Value = [
                Self.pair, ["kind": "binary", "completion": "c", "value": "love"],
                [
                    "kind": "ranking", "prompt": "q", "completions": ["a", "b", "c"],
                    "value": [2, 1, 3],
                ],
                ["kind": "demonstration", "prompt": "q", "value": "so"],
            ]
            let many = try await server.call(.post, "/v1/feedback", list)
            #expect(many.status == 201 && many.json["data"]?.arrayValue?.count == 4)
            let page = try await server.call(.get, "/v1/feedback?kind=binary").json
            #expect(page["data"]?.arrayValue?.first?["value"] == true)
            #expect(try await server.call(.get, "/v1/feedback?limit=2").json["has_more"] == true)
        }
    }

    @Test func `all faults of a list are told at once, and nothing of it is kept`() async throws {
        try await LiveServer.with { server in
            let list: Value = [
                Self.pair, ["kind": "pairwise", "completions": ["a"], "value": "first"],
                ["kind": "rating", "completion": "c", "value": "high"],
                ["kind": "pairwise", "prompt": "p", "completions": ["a", "b"], "value": "left"],
            ]
            let reply = try await server.call(.post, "/v1/feedback", list)
            #expect(reply.status == 400)
            let faults = reply.json["error"]?["faults"]?.arrayValue ?? []
            #expect(
                faults.compactMap { $0["path"]?.stringValue } == [
                    "$[1]", "$[2].value", "$[3].value",
                ]
            )
            let unknown = try await server.call(
                .post,
                "/v1/feedback",
                ["kind": "rating", "rollout_id": 77, "value": 1]
            )
            #expect(unknown.status == 404 && unknown.errorCode == "unknown_rollout")
            let stored = try await server.call(.get, "/v1/feedback").json
            #expect(stored["data"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func `a verdict is corrected, withdrawn, and its annotator forgotten`() async throws {
        try await LiveServer.with { server in
            let id =
                try await server.call(.post, "/v1/feedback", Self.pair).json["id"]?.integerValue
                ?? 0
            let better = try await server.call(.post, "/v1/feedback/\(id)", ["value": "tie"]).json
            #expect(better["value"] == "tie" && better["annotator"] == "ada")
            let bad = try await server.call(.post, "/v1/feedback/\(id)", ["value": "tie"])
            #expect(bad.status == 409)
            let new = better["id"]?.integerValue ?? 0
            #expect(
                try await server.call(.get, "/v1/annotators").json["data"]?.arrayValue?.isEmpty
                    == true
            )
            let erased = try await server.call(.delete, "/v1/annotators/ada").json
            #expect(erased["verdicts"] == 2)
            let withdrawn = try await server.call(.post, "/v1/feedback/\(new)/withdraw").json
            #expect(withdrawn["withdrawn_at"]?.integerValue != nil && withdrawn["annotator"] == nil)
            #expect(try await server.call(.get, "/v1/feedback/999").status == 404)
            #expect(try await server.call(.get, "/v1/feedback/x").status == 400)
        }
    }

    @Test func `verdicts leave in the shapes of other programs, and come back the same`()
        async throws
    {
        try await LiveServer.with { server in
            _ = try await server.call(.post, "/v1/feedback", Self.pair)
            for format in ["trl", "openai", "hh_rlhf", "label_studio", "argilla"] {
                let reply = try await server.call(.get, "/v1/feedback?format=\(format)")
                #expect(reply.status == 200, "\(format)")
                #expect(reply.text.split(separator: "\n").count == 1, "\(format)")
            }
            let trl = try await server.call(.get, "/v1/feedback?format=trl").text
            #expect(trl == #"{"chosen":"a","prompt":"p","rejected":"b"}"# + "\n")
        }
    }

    @Test func `a file of verdicts is read and sent in pieces, each verdict once`() async throws {
        try await LiveServer.with { server in
            // More than two pieces, the last of them of one verdict.
            let verdicts = (0...1000).map { place -> Value in
                [
                    "kind": "pairwise", "prompt": .string("p\(place)"), "completions": ["a", "b"],
                    "value": "first",
                ]
            }
            _ = try await server.call(.post, "/v1/feedback", .array(verdicts))
            let file = try await server.call(.get, "/v1/feedback?format=trl")
            let prompts = try file.text.split(separator: "\n").map {
                try JSONText.value(Data($0.utf8), source: "a line")["prompt"]?.stringValue
            }
            #expect(prompts == (0...1000).map { "p\($0)" })
            let none = try await server.call(.get, "/v1/feedback?format=trl&kind=rating")
            #expect(none.status == 200 && none.text.isEmpty)
            let wrong = try await server.call(.get, "/v1/feedback?format=trl&run=nobody")
            #expect(wrong.status == 404)
        }
    }

    @Test func `comparisons with known answers are kept, listed and ended over the wire`()
        async throws
    {
        try await LiveServer.with { server in
            let item: Value = ["prompt": "p", "completions": ["a", "b"], "value": "second"]
            let body: Value = ["items": [item]]
            let made = try await server.call(.post, "/v1/annotations/gold", body)
            #expect(made.status == 201)
            let id = made.json["data"]?.arrayValue?.first?["id"]?.integerValue ?? 0
            let listed = try await server.call(.get, "/v1/annotations/gold").json
            let found = listed["data"]?.arrayValue?.first
            #expect(found?["id"] == .integer(id) && found?["completions"] == ["a", "b"])
            #expect(found?["value"] == "second" && found?["answered"] == 0)
            let same: Value = [
                "items": [["prompt": "p", "completions": ["a", "a"], "value": "first"]]
            ]
            let refused = try await server.call(.post, "/v1/annotations/gold", same)
            #expect(refused.status == 400 && refused.text.contains("$.items[0].completions"))
            let unknown: Value = ["items": [item], "run": "nobody"]
            #expect(try await server.call(.post, "/v1/annotations/gold", unknown).status == 404)
            #expect(try await server.call(.delete, "/v1/annotations/gold/\(id)").status == 200)
            #expect(try await server.call(.delete, "/v1/annotations/gold/999").status == 404)
            let empty = try await server.call(.get, "/v1/annotations/gold").json
            #expect(empty["data"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func `comparisons are leased, answered and given back over the wire`() async throws {
        try await LiveServer.with { server in
            let body: Value = ["annotator": "ada", "n": 2]
            let none = try await server.call(.post, "/v1/annotations/lease", body).json
            #expect(none["data"]?.arrayValue?.isEmpty == true)
            #expect(
                try await server.call(.post, "/v1/annotations/lease", ["n": 1]).status == 400
            )
            let answer: Value = ["verdict": ["kind": "pairwise", "value": "first"]]
            #expect(try await server.call(.post, "/v1/annotations/5", answer).status == 404)
            let wrong: Value = ["verdict": ["value": "left"]]
            #expect(try await server.call(.post, "/v1/annotations/5", wrong).status == 400)
            #expect(try await server.call(.delete, "/v1/annotations/5").status == 404)
        }
    }
}
