import Domain
import Foundation
import Synchronization
import Testing

@testable import Store

struct FeedbackStoreTests {
    /// A clock that tests move.
    final class Clock: Sendable {
        private let seconds = Mutex(1_800_000_000.0)
        var date: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }
        func advance(_ by: Double) { seconds.withLock { $0 += by } }
    }

    private let folder: TemporaryFolder
    let store: DataStore
    let clock = Clock()

    init() throws {
        folder = try TemporaryFolder()
        store = try DataStore(folder: folder.path, now: { [clock] in clock.date })
    }

    private static func pairwise(_ choice: Verdict.Choice) -> Verdict {
        Verdict(kind: .pairwise, value: .string(choice.rawValue))
    }

    /// A run with `groups` prompts of two completions; the ids of the completions, by prompt.
    func run(_ groups: Int, _ name: String = "one") async throws -> (String, [[Int]]) {
        let spec = RunSpec(
            name: name,
            kind: .online,
            model: "m",
            objective: NamedParameters(name: "dpo")
        )
        let run = try await store.insertRun(spec).id
        var ids: [[Int]] = []
        for place in 0..<groups {
            let rollouts = (0..<2).map { sample in
                NewRollout(
                    promptIndex: place,
                    sampleIndex: sample,
                    prompt: .text("p\(place)"),
                    rollout: Rollout(
                        promptTokens: [1],
                        completionTokens: [2],
                        text: "c\(place).\(sample)",
                        logprobs: [-1],
                        samplingLogprobs: [-1],
                        referenceLogprobs: [],
                        policyVersion: 0,
                        stopReason: .length
                    )
                )
            }
            ids.append(
                try await store.insertRollouts(rollouts, run: run, purpose: .training, iteration: 1)
            )
        }
        return (run, ids)
    }

    func open(_ run: String, _ ids: [[Int]], wanted: Int = 1) async throws {
        let items = ids.enumerated().map { place, pair in
            NewAnnotationItem(first: pair[0], second: pair[1], information: 1 / Double(place + 1))
        }
        try await store.openRound(run: run, iteration: 1, items: items, wanted: wanted)
    }

    private static let gold = NewGoldItem(
        prompt: .text("what?"),
        first: "right",
        second: "wrong",
        truth: .first
    )

    @Test func `what is known is mixed in, is not told apart, and measures who answers`()
        async throws
    {
        let (run, ids) = try await run(3)
        try await open(run, ids)
        let gold = try await store.insertGold([Self.gold], run: nil)[0]
        #expect(try await store.openItems(run: run) == 3)
        let leases = try await store.lease(
            run: run,
            annotator: "ada",
            count: 3,
            seconds: 60,
            goldShare: 1,
            swaps: { _ in true }
        )
        let hidden = try #require(leases.first { $0.item == gold })
        #expect(hidden.runID == run && hidden.iteration == 1 && hidden.first.text == "wrong")
        // One that is there: the others are what the run asks.
        #expect(leases.count == 3 && Set(leases.map(\.item)).count == 3)
        let answer = try await store.answer(
            lease: hidden.id,
            choice: .second,
            strength: nil,
            rationale: nil,
            seconds: nil
        )
        #expect(answer.truth == .first && answer.content.verdict.choice == .first)
        let item = try await store.goldItems(limit: 10).items[0]
        #expect(item.answered == 1 && item.right == 1 && item.content == Self.gold)
        // The run asks three; none of them is answered yet.
        #expect(try await store.round(run: run, iteration: 1)?.answered == 0)
        try await store.closeRound(run: run, iteration: 1)
        let used = try await store.feedbackUsed(run: run, through: 1)
        #expect(used.map(\.id) == [answer.id] && used[0].truth == .first)
        let comparison = try await store.comparisons(run: run)[0]
        #expect(comparison.lowIsBetter == true && comparison.prefersLow == true)
    }

    @Test func `nobody gets what is known twice, and nobody when it is ended or of another run`()
        async throws
    {
        let (run, ids) = try await run(3)
        let (other, _) = try await self.run(1, "two")
        try await open(run, ids, wanted: 9)
        let gold = try await store.insertGold([Self.gold], run: run)[0]
        _ = try await store.insertGold([Self.gold], run: other)
        func take(_ name: String) async throws -> [AnnotationLease] {
            try await store.lease(
                run: run,
                annotator: name,
                count: 1,
                seconds: 60,
                goldShare: 1
            )
        }
        #expect(try await take("ada").map(\.item) == [gold])
        #expect(try await take("ada").map(\.item) != [gold])
        #expect(try await take("bob").map(\.item) == [gold])
        try await store.closeGold(gold)
        #expect(try await take("eve").map(\.item) != [gold])
        #expect(try await store.goldItems(run: run, limit: 10).items.isEmpty)
        await #expect(throws: HoneError.self) { try await store.closeGold(ids[0][0]) }
    }

    @Test func `a verdict on rollouts knows their run, iteration, prompt and texts`() async throws {
        let (run, ids) = try await run(2)
        var new = NewFeedback(
            Self.pairwise(.second),
            subjects: ids[1].map { FeedbackSubject(rollout: $0, text: "") }
        )
        (new.annotator, new.seconds) = ("ada", 2.5)
        let receipt = try await store.insertFeedback([new])[0]
        let stored = try await store.feedback(receipt.id)
        #expect(stored.runID == run && stored.iteration == 1)
        #expect(stored.content.prompt == .text("p1"))
        #expect(stored.content.subjects.map(\.text) == ["c1.0", "c1.1"])
        #expect(stored.content.verdict.choice == .second && stored.content.seconds == 2.5)
        // The file alone holds it: another store sees the same.
        let again = try DataStore(folder: folder.path)
        #expect(try await again.feedback(receipt.id) == stored)
        #expect(try await store.feedback(run: run, limit: 10).items == [stored])
        #expect(try await store.feedback(annotator: "bob", limit: 10).items.isEmpty)
    }

    @Test func `all verdicts of a request are stored or none, and the bad one is named`()
        async throws
    {
        let (_, ids) = try await run(2)
        let good = NewFeedback(
            Self.pairwise(.tie),
            subjects: ids[0].map { .init(rollout: $0, text: "") }
        )
        let strange = NewFeedback(
            Self.pairwise(.tie),
            subjects: [.init(rollout: ids[0][0], text: ""), .init(rollout: ids[1][0], text: "")]
        )
        let missing = NewFeedback(
            Verdict(kind: .rating, value: 3),
            subjects: [.init(rollout: 999, text: "")]
        )
        for (bad, code) in [(strange, ErrorCode.invalidRequest), (missing, .unknownRollout)] {
            let error = await #expect(throws: HoneError.self) {
                try await store.insertFeedback([good, bad])
            }
            #expect(error?.code == code && error?.param == "$.items[1]")
        }
        #expect(try await store.feedback(limit: 10).items.isEmpty)
    }

    @Test func `the same verdict of a source again changes nothing, until it is withdrawn`()
        async throws
    {
        var new = NewFeedback(
            Self.pairwise(.first),
            subjects: [.init(text: "a"), .init(text: "b")]
        )
        (new.source, new.externalID) = ("label-studio", "7")
        let first = try await store.insertFeedback([new, new])
        #expect(first[0].id == first[1].id && first.map(\.isDuplicate) == [false, true])
        #expect(try await store.insertFeedback([new])[0].isDuplicate)
        _ = try await store.withdrawFeedback(first[0].id)
        #expect(try await store.feedback(limit: 10).items.isEmpty)
        #expect(try await store.feedback(includesWithdrawn: true, limit: 10).items.count == 1)
        #expect(try await store.insertFeedback([new])[0].isDuplicate == false)
    }

    @Test func `an answer that is delivered twice is one answer`() async throws {
        let (run, ids) = try await run(1)
        try await open(run, ids, wanted: 2)
        let lease = try #require(
            try await store.lease(
                run: run,
                annotator: "ada",
                count: 1,
                seconds: 60,
                goldShare: 0,
                swaps: { _ in false }
            ).first
        )
        var origin = NewFeedback(Self.pairwise(.first), subjects: [])
        (origin.source, origin.externalID) = ("label-studio", "7")
        for _ in 0..<2 {
            let answer = try await store.answer(
                lease: lease.id,
                choice: .first,
                strength: nil,
                rationale: nil,
                seconds: nil,
                origin: origin
            )
            #expect(answer.id == 1)
        }
        // Two annotators are wanted, and one has answered.
        #expect(try await store.openItems(run: run) == 1)
    }

    @Test func `a change of a run's state must come from where it is thought to be`() async throws {
        let (run, _) = try await run(1)
        func change(_ state: RunState, from: Set<RunState>) async throws {
            try await store.commit(
                RunTransition(runID: run, state: state, iteration: 0, policyVersion: 0, from: from)
            )
        }
        try await change(.succeeded, from: [.queued, .running])
        let error = await #expect(throws: HoneError.self) {
            try await change(.paused, from: [.running])
        }
        #expect(error?.code == .conflict)
        #expect(try await store.run(run).state == .succeeded)
    }

    @Test func `a correction takes the old one's place and origin`() async throws {
        var new = NewFeedback(
            Self.pairwise(.first),
            subjects: [.init(text: "a"), .init(text: "b")]
        )
        (new.source, new.externalID, new.annotator) = ("argilla", "x", "ada")
        let id = try await store.insertFeedback([new])[0].id
        let better = try await store.correctFeedback(
            id,
            verdict: Self.pairwise(.second),
            rationale: "misread"
        )
        #expect(better.content.annotator == "ada" && better.content.rationale == "misread")
        let old = try await store.feedback(id)
        #expect(old.replacedBy == better.id && old.withdrawnAt != nil)
        #expect(try await store.feedback(source: "argilla", externalID: "x")?.id == better.id)
        await #expect(throws: HoneError.self) {
            try await store.correctFeedback(id, verdict: Self.pairwise(.tie), rationale: nil)
        }
    }

    @Test func `a comparison is in one pair of hands, the most informative first`() async throws {
        let (run, ids) = try await run(3)
        try await open(run, ids)
        let ada = try await store.lease(run: run, annotator: "ada", count: 2, seconds: 60)
        #expect(ada.map(\.item) == [1, 2])
        let bob = try await store.lease(run: nil, annotator: "bob", count: 9, seconds: 60)
        #expect(bob.map(\.item) == [3])
        clock.advance(61)
        // Ada has gone: hers come back, to anybody.
        let carl = try await store.lease(run: run, annotator: "carl", count: 9, seconds: 60)
        #expect(carl.map(\.item) == [1, 2, 3])
        let late = await #expect(throws: HoneError.self) {
            try await answer(ada[0], .first)
        }
        #expect(late?.code == .conflict)
        _ = try await answer(carl[0], .first)
        try await store.returnLease(carl[1].id)
        try await store.returnLease(carl[2].id, again: true)
        let left = try await store.lease(run: run, annotator: "carl", count: 9, seconds: 60)
        #expect(left.map(\.item) == [3])
    }

    func answer(
        _ lease: AnnotationLease,
        _ choice: Verdict.Choice
    ) async throws -> FeedbackRecord {
        try await store.answer(
            lease: lease.id,
            choice: choice,
            strength: nil,
            rationale: nil,
            seconds: nil
        )
    }

    @Test(arguments: [false, true])
    func `what is stored is about the completions, in whatever order they were shown`(
        _ swaps: Bool
    ) async throws {
        let (run, ids) = try await run(1)
        try await open(run, ids)
        let lease = try await store.lease(
            run: run,
            annotator: "ada",
            count: 1,
            seconds: 60,
            swaps: { _ in swaps }
        )[0]
        #expect(lease.first.text == (swaps ? "c0.1" : "c0.0"))
        let record = try await answer(lease, .first)
        #expect(record.content.subjects.map(\.rollout) == ids[0])
        #expect(record.content.verdict.choice == (swaps ? .second : .first))
        #expect(record.swapped == swaps && record.content.annotator == "ada")
        // Delivered again it is the same; another answer is a correction.
        #expect(try await answer(lease, .first) == record)
        let conflict = await #expect(throws: HoneError.self) { try await answer(lease, .second) }
        #expect(conflict?.code == .conflict)
        // Taken back, the comparison is asked again, and its holder may answer anew.
        _ = try await store.withdrawFeedback(record.id)
        #expect(try await store.round(run: run, iteration: 1)?.answered == 0)
        #expect(try await answer(lease, .tie).content.verdict.choice == .tie)
        #expect(try await store.round(run: run, iteration: 1)?.answered == 1)
    }

    @Test func `two hundred people lose nothing and get nothing twice`() async throws {
        let (run, ids) = try await run(500)
        try await open(run, ids, wanted: 2)
        let seen = try await withThrowingTaskGroup(of: [Int].self) { group in
            for person in 0..<200 {
                group.addTask {
                    var items: [Int] = []
                    while true {
                        let leases = try await store.lease(
                            run: run,
                            annotator: "a\(person)",
                            count: 3,
                            seconds: 60
                        )
                        if leases.isEmpty { return items }
                        for lease in leases {
                            _ = try await answer(lease, .first)
                            items.append(lease.item)
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for items in seen { #expect(Set(items).count == items.count) }
        #expect(seen.joined().count == 1000)
        #expect(Set(seen.joined()).count == 500)
        let round = try await store.round(run: run, iteration: 1)
        #expect(round?.answered == 1000 && round?.wanted == 1000)
        #expect(try await store.feedback(run: run, limit: .max).items.count == 1000)
    }

    @Test func `an annotator is forgotten, their verdicts are not`() async throws {
        let (run, ids) = try await run(1)
        try await open(run, ids)
        let lease = try await store.lease(run: run, annotator: "ada", count: 1, seconds: 60)[0]
        let record = try await store.answer(
            lease: lease.id,
            choice: .first,
            strength: nil,
            rationale: "ada's own words",
            seconds: nil
        )
        #expect(try await store.eraseAnnotator("ada") == 1)
        let left = try await store.feedback(record.id)
        #expect(left.content.annotator == nil && left.content.rationale == nil)
        #expect(left.content.verdict == record.content.verdict)
    }
}
