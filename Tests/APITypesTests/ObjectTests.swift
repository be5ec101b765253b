import APITypes
import Domain
import Foundation
import Testing

@Suite struct ObjectTests {
    private static let rollout = Rollout(
        promptTokens: [1],
        completionTokens: [2, 3],
        text: "ab",
        logprobs: [-0.5, -1.2],
        samplingLogprobs: [-0.5, 0],
        policyVersion: 3,
        stopReason: .endToken
    )

    private static let spec = try? RunSpecReader.read(RunSpecReaderTests.online)

    static let examples: [(schema: Schema, value: any Codable & Sendable)] = {
        var run: [(Schema, any Codable & Sendable)] = []
        if let spec {
            var object = RunObject(id: "run-1", spec: spec, state: .failed, createdAt: 1)
            object.error = .init(HoneError(.workerLost, "gone"))
            run.append((RunObject.schema, object))
        }
        var stored = RolloutObject(
            prompt: .messages([ChatMessage(role: "user", content: "hi")]),
            rollout: rollout,
            promptIndex: 0,
            sampleIndex: 1
        )
        stored.scores = [
            ScoreObject(score: .nan, components: ["a": nil, "b": 1], reward: "reward")
        ]
        return run + [
            (RolloutObject.schema, stored),
            (
                ModelObject.schema,
                ModelObject(
                    id: "m",
                    created: 1,
                    ownedBy: "i",
                    kind: "policy",
                    architecture: "llama"
                )
            ),
            (
                IterationObject.schema,
                IterationObject(iteration: 1, metrics: ["a": .nan, "b": 2], finishedAt: 3)
            ),
            (
                CheckpointObject.schema,
                CheckpointObject(
                    run: "r",
                    iteration: 1,
                    step: 2,
                    path: "/p",
                    byteCount: 3,
                    createdAt: 4
                )
            ),
            (
                PairObject.schema,
                PairObject(id: 1, run: "r", iteration: 1, chosen: 1, rejected: 2, margin: .infinity)
            ),
            (
                EventObject.schema,
                EventObject(id: 1, run: "r", kind: "log", time: 1.5, data: ["x": .number(.nan)])
            ),
            (
                ValidationObject.schema,
                ValidationObject(faults: [Fault(path: "$.a", message: "b")], memoryBytes: 1)
            ),
            (UpdateObject.schema, UpdateObject(policyVersion: 1, step: 1, metrics: ["a": .nan])),
            (
                WorkerObject.schema,
                WorkerObject(role: "policy", state: "idle", pid: 1, residentBytes: 2, activity: "")
            ),
            (DeletedObject.schema, DeletedObject(id: "a", object: "model")),
            (ScoresObject.schema, ScoresObject([ScoreObject(score: nil, components: [:])])),
            (HealthObject.schema, HealthObject(status: "ok")),
            (
                CatalogueObject.schema,
                CatalogueObject(catalogueEntry)
            ),
            (ErrorBody.schema, ErrorBody(HoneError(.unknownRun, "no run"))),
            (
                ErrorBody.schema,
                ErrorBody(Faults([Fault(path: "$.a", message: "b")]), code: .invalidSpec)
            ),
        ]
    }()

    private static let catalogueEntry: CatalogueDescription = {
        var entry = CatalogueDescription(
            name: "dpo",
            object: "objective",
            summary: "s",
            parameters: [
                ParameterDescription("beta", .number(.positive), default: 0.1, "Strength.")
            ]
        )
        entry.aliases = ["direct"]
        let field = CatalogueDescription.Field(
            name: "values",
            per: "token",
            meaning: "m",
            required: true,
            differentiable: true
        )
        entry.data = .init(kind: "pairs", minimumGroupSize: 1, fields: [field])
        (entry.statistics, entry.stopsGradients, entry.traits) = ("none", false, ["margin_only"])
        entry.lossAtReference = 0.69
        entry.trend = .init(metric: "reward/margin", moves: "up")
        entry.stages = [.init("credit", ["name": "terminal"])]
        return entry
    }()

    @Test func `every object has exactly the fields its schema describes`() throws {
        #expect(Self.examples.count >= 16)
        for (schema, object) in Self.examples {
            let value = try JSONText.value(of: object)
            _ = try schema.check(value)
        }
    }

    @Test func `a score's token rewards come back`() throws {
        var score = ScoreObject(score: 1, components: ["a": 1])
        score.tokenRewards = [0.5, 1]
        let text = try JSONText.encode(score)
        #expect(String(decoding: text, as: UTF8.self).contains("token_rewards"))
        let back = try JSONText.decode(ScoreObject.self, text, source: "it")
        #expect(back.tokenRewards == [0.5, 1])
    }

    @Test func `an error keeps a null param and lists every fault`() throws {
        let plain = try JSONText.value(of: ErrorBody(HoneError(.unknownRun, "no run \"x\"")))
        #expect(plain["error"]?["param"] == .null)
        #expect(plain["error"]?["type"] == "not_found_error")
        let list = Faults([Fault(path: "$.a", message: "x"), Fault(path: "$.b", message: "y")])
        let body = try JSONText.value(of: ErrorBody(list, code: .invalidSpec))
        #expect(body["error"]?["faults"]?.arrayValue?.count == 2)
        #expect(body["error"]?["param"] == "$.a")
        #expect(body["error"]?["message"]?.stringValue?.contains("1 more") == true)
    }

    @Test func `every error code has a status of an error`() {
        for code in ErrorCode.allCases {
            #expect((400...599).contains(code.status), "\(code)")
        }
        #expect(ErrorCode.unknownRun.status == 404)
        #expect(ErrorCode.alreadyExists.status == 409)
    }
}
