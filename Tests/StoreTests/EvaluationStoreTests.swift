import Domain
import Foundation
import Testing

@testable import Store

struct EvaluationStoreTests {
    let folder: TemporaryFolder
    let store: DataStore

    init() throws {
        folder = try TemporaryFolder()
        store = try DataStore(
            folder: folder.path,
            now: { Date(timeIntervalSince1970: 1_800_000_000) }
        )
    }

    private let order = EvaluationOrder(
        models: ["a", "run@3"],
        reference: "a",
        prompts: .items(["p", ["prompt": "q"]]),
        rewards: [["name": "length", "target": 3]],
        groupSize: 4,
        sampling: SamplingParameters(temperature: 0.5, stop: ["."]),
        seed: .max
    )

    @Test func `an evaluation comes back as it was asked for`() async throws {
        let first = try await store.insertEvaluation(order)
        #expect(first.id == "evaluation-1" && first.order == order && first.state == .queued)
        _ = try await store.insertEvaluation(EvaluationOrder())
        #expect(try await store.evaluations(limit: 1).items == [first])
        #expect(try await store.evaluations(limit: 1).hasMore)
        #expect(try await store.evaluations(after: first.id, limit: 5).items.count == 1)
        for id in ["evaluation-3", "evaluation-01", "run-1", "x"] {
            await #expect(throws: HoneError.self) { try await store.evaluation(id) }
        }
    }

    @Test func `an equal request finds what the first made, in another process too`() async throws {
        let first = try await store.insertEvaluation(order, origin: "key/body")
        #expect(try await store.insertEvaluation(order, origin: "key/body") == first)
        let gold = NewGoldItem(prompt: .text("p"), first: "a", second: "b", truth: .first)
        let kept = try await store.insertGold([gold, gold], run: nil, origin: "key/gold")
        #expect(kept.count == 2 && Set(kept).count == 2)
        let again = try DataStore(
            folder: folder.path,
            now: { Date(timeIntervalSince1970: 1_800_000_900) }
        )
        #expect(try await again.insertEvaluation(order, origin: "key/body") == first)
        #expect(try await again.insertGold([gold, gold], run: nil, origin: "key/gold") == kept)
        #expect(try await again.insertEvaluation(order, origin: "key/other").id != first.id)
        #expect(try await again.insertEvaluation(order).id != first.id)
        #expect(try await again.evaluations(limit: 9).items.count == 3)
    }

    @Test func `the one under way comes before those that wait, and an end is final`() async throws
    {
        let first = try await store.insertEvaluation(order).id
        let second = try await store.insertEvaluation(order).id
        #expect(try await store.nextEvaluation()?.id == first)
        try await store.beginEvaluation(second)
        try await store.advanceEvaluation(second, completed: 1, total: 3)
        let next = try #require(try await store.nextEvaluation())
        #expect(next.id == second && next.completed == 1 && next.total == 3)
        #expect(next.startedAt != nil)
        #expect(try await store.endEvaluation(second, .succeeded, report: ["models": []]))
        #expect(try await !store.endEvaluation(second, .cancelled))
        let ended = try await store.evaluation(second)
        #expect(ended.state == .succeeded && ended.report == ["models": []])
        #expect(ended.finishedAt != nil)
        try await store.advanceEvaluation(second, completed: 9, total: 9)
        #expect(try await store.evaluation(second).completed == 1)
        let cause = HoneError(.workerLost, "gone", param: "x")
        #expect(try await store.endEvaluation(first, .failed, error: cause))
        #expect(try await store.evaluation(first).error == cause)
        #expect(try await store.nextEvaluation() == nil)
        try await store.deleteEvaluation(first)
        await #expect(throws: HoneError.self) { try await store.evaluation(first) }
    }
}
