import Domain
import Testing

@testable import Store

// What runs learn from verdicts, and what they forget.
extension FeedbackStoreTests {
    @Test func `an iteration learns once from what there is; what comes later is the next one's`()
        async throws
    {
        let (run, ids) = try await run(2)
        try await open(run, ids)
        let leases = try await store.lease(run: run, annotator: "ada", count: 2, seconds: 60)
        let early = try await answer(leases[0], .first)
        try await store.closeRound(run: run, iteration: 1)
        #expect(try await store.lease(run: run, annotator: "bob", count: 9, seconds: 60).isEmpty)
        let late = try await answer(leases[1], .first)
        try await store.closeRound(run: run, iteration: 1)
        #expect(try await store.feedbackUsed(run: run, iteration: 1).map(\.id) == [early.id])
        try await store.openRound(run: run, iteration: 2, items: [], wanted: 1)
        try await store.closeRound(run: run, iteration: 2)
        #expect(try await store.feedbackUses(run: run) == [1: [early.id], 2: [late.id]])
        #expect(try await store.feedback(late.id).uses == [FeedbackUse(runID: run, iteration: 2)])
    }

    @Test func `what was taken back before a round closed is not learned from again`() async throws
    {
        let (run, ids) = try await run(1)
        try await open(run, ids)
        let lease = try await store.lease(run: run, annotator: "ada", count: 1, seconds: 60)[0]
        let early = try await answer(lease, .first)
        try await store.closeRound(run: run, iteration: 1)
        clock.advance(1)
        _ = try await store.withdrawFeedback(early.id)
        clock.advance(1)
        try await store.openRound(run: run, iteration: 2, items: [], wanted: 1)
        try await store.closeRound(run: run, iteration: 2)
        // Iteration 1 has learned from it, whenever it is asked; iteration 2 knows better.
        #expect(try await store.feedbackUsed(run: run, through: 1).map(\.id) == [early.id])
        #expect(try await store.feedbackUsed(run: run, through: 2).isEmpty)
    }

    @Test func `what a run forgets it may learn from again, and a fork knows it`() async throws {
        let (run, ids) = try await run(1)
        try await open(run, ids)
        let lease = try await store.lease(run: run, annotator: "ada", count: 1, seconds: 60)[0]
        let verdict = try await answer(lease, .first)
        try await store.useFeedback([verdict.id], run: run, iteration: 3)
        let (fork, _) = try await self.run(0, "fork")
        try await store.copyFeedbackUses(from: run, through: 2, to: fork)
        #expect(try await store.feedback(unusedBy: fork, limit: 9).items.map(\.id) == [verdict.id])
        try await store.copyFeedbackUses(from: run, through: 3, to: fork)
        #expect(try await store.feedback(unusedBy: fork, limit: 9).items.isEmpty)
        try await store.forgetFeedbackUses(run: run, after: 3)
        #expect(try await store.feedback(unusedBy: run, limit: 9).items.isEmpty)
        try await store.forgetFeedbackUses(run: run, after: 2)
        #expect(try await store.feedback(unusedBy: run, limit: 9).items.map(\.id) == [verdict.id])
    }
}
