import Domain
import Foundation
import Store
import Testing
import WorkerProtocol

@testable import Scheduling

/// Runs whose steps a client makes.
struct ExternalRunTests {
    /// A step on what people said learns each verdict once, unless asked to again.
    private static func learnVerdicts(_ plane: ControlPlane) async throws {
        func say(_ kind: Verdict.Kind, _ value: Value, _ texts: [String]) async throws -> Int {
            let new = NewFeedback(
                Verdict(kind: kind, value: value, strength: 0.5),
                prompt: .text("p"),
                subjects: texts.map { FeedbackSubject(text: $0) }
            )
            return try await plane.feedback.submit([new])[0].id
        }
        let pair = try await say(.pairwise, "second", ["bad", "good"])
        let list = try await say(.ranking, [2, 1, 2], ["b", "a", "c"])
        _ = try await say(.pairwise, "tie", ["d", "e"])
        let thumb = try await say(.binary, true, ["nice"])
        var batch = UpdateBatch(sequences: [])
        batch.feedback = FeedbackFilter()
        #expect(try await plane.update(run: "mine", batch: batch).feedback == [pair, list])
        let none = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: batch)
        }
        #expect(none?.code == .emptyData && none?.param == "feedback")
        batch.feedback?.again = true
        batch.feedback?.limit = 1
        #expect(try await plane.update(run: "mine", batch: batch).feedback == [pair])
        batch.feedback = FeedbackFilter()
        batch.objective = NamedParameters(name: "kto")
        #expect(try await plane.update(run: "mine", batch: batch).feedback == [thumb])
        // Behind more than it asks for that it cannot learn from.
        for _ in 0..<4 { _ = try await say(.pairwise, "tie", ["f", "g"]) }
        let last = try await say(.pairwise, "first", ["f", "g"])
        (batch.objective, batch.feedback) = (nil, FeedbackFilter())
        batch.feedback?.limit = 2
        #expect(try await plane.update(run: "mine", batch: batch).feedback == [last])
        // On completions that went with their run.
        let gone = try await Self.judgedAndGone(plane)
        batch.feedback = FeedbackFilter()
        #expect(try await plane.update(run: "mine", batch: batch).feedback == [gone])
        let uses = try await plane.store.feedback(pair).uses
        #expect(Set(uses.map(\.runID)) == [try await plane.findRun("mine").id])
    }

    /// A verdict on two completions of a run that is deleted then.
    private static func judgedAndGone(_ plane: ControlPlane) async throws -> Int {
        let run = try await plane.store.insertRun(
            Bench.offline([], name: "gone"),
            state: .cancelled
        )
        let rollouts = (0..<2).map { place in
            NewRollout(
                promptIndex: 0,
                sampleIndex: place,
                prompt: .text("p"),
                rollout: Rollout(
                    promptTokens: [1],
                    completionTokens: [2],
                    text: "c\(place)",
                    logprobs: [-1],
                    samplingLogprobs: [-1],
                    referenceLogprobs: [],
                    policyVersion: 0,
                    stopReason: .length
                )
            )
        }
        let ids = try await plane.store.insertRollouts(
            rollouts,
            run: run.id,
            purpose: .training,
            iteration: 1
        )
        let verdict = NewFeedback(
            Verdict(kind: .pairwise, value: "first"),
            subjects: ids.enumerated().map { FeedbackSubject(rollout: $1, text: "c\($0)") }
        )
        let id = try await plane.feedback.submit([verdict])[0].id
        try await plane.store.deleteRun(run.id)
        return id
    }

    @Test func `a client drives an external run, and a stale version is told`() async throws {
        let bench = try await Bench()
        let plane = try await bench.plane()
        var spec = RunSpec(
            name: "mine",
            kind: .external,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.checkpointEvery = 10
        _ = try await plane.submit(spec)
        let work = Task { await plane.run() }
        for await event in try await plane.events(run: "mine")
        where event.payload["stage"]?.stringValue == "serve" {
            break
        }
        let batch = UpdateBatch(
            expectedPolicyVersion: 0,
            sequences: [
                UpdateSequence(source: .text(prompt: .text("p"), completion: "good")),
                UpdateSequence(source: .tokens(prompt: [1], completion: [2, 3])),
            ],
            pairs: [UpdatePair(chosen: 0, rejected: 1)]
        )
        let result = try await plane.update(run: "mine", batch: batch)
        #expect(result.policyVersion == 1)
        let stale = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: batch)
        }
        #expect(stale?.code == .staleVersion)
        var wrong = batch
        wrong.expectedPolicyVersion = nil
        wrong.sequences[1].tokens = ["advantages": [1]]
        let short = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: wrong)
        }
        #expect(short?.message.contains("batch.sequences[1].advantages has 1") == true)
        wrong.sequences[1].tokens = [:]
        wrong.pairs = [UpdatePair(chosen: 0, rejected: 7)]
        let outside = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: wrong)
        }
        #expect(outside?.code == .invalidRequest)
        try await Self.learnVerdicts(plane)
        wrong.pairs = []
        wrong.objective = NamedParameters(name: "lipo_lambda")
        wrong.groups = [0..<2]
        let mixed = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: wrong)
        }
        #expect(mixed?.message.contains("batch.groups[0] has completions of 2 different") == true)
        wrong.groups = []
        wrong.objective = NamedParameters(name: "xpo")
        wrong.pairs = [UpdatePair(chosen: 0, rejected: 1, third: 1, thirdName: "gold")]
        let gold = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: wrong)
        }
        #expect(gold?.message.contains("learns from \"exploration\"") == true)
        _ = try await plane.cancel("mine")
        try await bench.rest(plane, "mine")
        // The client's step was kept before the run ended.
        #expect(try await plane.checkpoints("mine").map(\.step) == [6])
        #expect(try await plane.findRun("mine").state == .cancelled)
        let late = await #expect(throws: HoneError.self) {
            try await plane.update(run: "mine", batch: batch)
        }
        #expect(late?.code == .conflict)
        await plane.shutdown()
        await work.value
    }
}
