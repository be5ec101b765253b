import APITypes
import Domain
import HTTP
import Testing

@Suite struct FineTuningEndpointTests {
    private static let grader: Value = [
        "type": "string_check", "name": "right", "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}", "operation": "eq",
    ]

    @Test(arguments: FineTuningRequest.Method.allCases)
    func `a job of each method is queued and shown with what auto became`(
        _ method: FineTuningRequest.Method
    ) async throws {
        try await LiveServer.with { server in
            var own: [String: Value] = ["hyperparameters": ["n_epochs": 2, "batch_size": "auto"]]
            if method == .reinforcement { own["grader"] = Self.grader }
            let request: Value = [
                "model": "smol", "training_file": "file-a", "suffix": "My Test",
                "metadata": ["a": "b"],
                "method": ["type": .string(method.rawValue), method.rawValue: .object(own)],
            ]
            let reply = try await server.call(.post, "/v1/fine_tuning/jobs", request)
            #expect(reply.status == 200, "\(reply.text)")
            _ = try FineTuningJobObject.schema.check(reply.json)
            #expect(reply.json["id"] == "ftjob-abcdefghijkl")
            #expect(reply.json["metadata"] == ["a": "b"] && reply.json["error"] == .null)
            let shown = reply.json["method"]?[method.rawValue]?["hyperparameters"]
            #expect(shown?["n_epochs"] == 2 && shown?["batch_size"] == 8)
            #expect(reply.json["fine_tuned_model"] == "ft-smol-my-test-efghijkl")
        }
    }

    @Test func `a job is listed, stopped, resumed and told of`() async throws {
        try await LiveServer.with { server in
            let path = "/v1/fine_tuning/jobs"
            let list = try await server.call(.get, "\(path)?limit=3&after=ftjob-b")
            #expect(list.json["data"]?.arrayValue?.count == 1, "\(list.text)")
            #expect(await server.control.asked.contains("jobs ftjob-b 3"))
            for action in ["cancel", "pause"] {
                let reply = try await server.call(.post, "\(path)/ftjob-a/\(action)")
                #expect(reply.json["object"] == "fine_tuning.job", "\(reply.text)")
            }
            #expect(try await server.call(.post, "\(path)/ftjob-a/resume").status == 409)
            let events = try await server.call(.get, "\(path)/ftjob-a/events?after=ftevent-9")
            _ = try Schema.page(of: FineTuningEventObject.schema).check(events.json)
            #expect(await server.control.asked.contains("events run-1 9 20"))
            #expect(events.json["data"]?.arrayValue?.first?["type"] == "metrics")
            let kept = try await server.call(.get, "\(path)/ftjob-a/checkpoints")
            _ = try Schema.page(of: FineTuningCheckpointObject.schema).check(kept.json)
            let first = kept.json["data"]?.arrayValue?.first
            #expect(first?["fine_tuned_model_checkpoint"] == "ftjob-a@1")
            #expect(first?["metrics"]?["step"] == 2)
            for path in ["\(path)/ftjob-none", "\(path)/ftjob-none/events"] {
                #expect(try await server.call(.get, path).status == 404)
            }
        }
    }

    @Test func `what is wrong is told at its place in the request`() async throws {
        try await LiveServer.with { server in
            let path = "/v1/fine_tuning/jobs"
            let wrong: Value = [
                "model": "smol", "training_file": "file-a", "validation_file": "file-a",
                "integrations": [["type": "wandb"]],
                "method": ["type": "dpo", "supervised": [:]],
            ]
            let refused = try await server.call(.post, path, wrong)
            #expect(refused.status == 400)
            #expect(refused.json["error"]?["faults"]?.arrayValue?.count == 3, "\(refused.text)")
            let missing: Value = ["model": "missing", "training_file": "file-a"]
            let spec = try await server.call(.post, path, missing)
            #expect(spec.json["error"]?["param"] == "$.training_file.items", "\(spec.text)")
            let none: Value = ["model": "smol", "training_file": "file-none"]
            #expect(try await server.call(.post, path, none).status == 404)
        }
    }

    @Test func `a grader is run, and what has no score is null with its reason`() async throws {
        try await LiveServer.with { server in
            let path = "/v1/fine_tuning/alpha/graders"
            let run: Value = [
                "grader": Self.grader, "model_sample": "abc", "item": ["answer": "x"],
            ]
            let graded = try await server.call(.post, "\(path)/run", run)
            _ = try GraderRunObject.schema.check(graded.json)
            #expect(graded.json["reward"] == 3 && graded.json["metadata"]?["name"] == "right")
            let empty = run.objectValue?.merging(["model_sample": ""]) { $1 } ?? [:]
            let unscored = try await server.call(.post, "\(path)/run", .object(empty))
            #expect(unscored.json["reward"] == .null)
            #expect(unscored.json["metadata"]?["errors"]?["other_error"] == true)
            let valid = try await server.call(.post, "\(path)/validate", ["grader": Self.grader])
            #expect(valid.json == ["grader": Self.grader])
            let wrong = try await server.call(.post, "\(path)/validate", ["grader": [:]])
            #expect(wrong.status == 400)
        }
    }
}
