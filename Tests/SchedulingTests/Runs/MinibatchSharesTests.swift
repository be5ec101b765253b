import Domain
import Testing

@testable import Scheduling

struct MinibatchSharesTests {
    private let plan = BatchPlan(seed: 7)

    private func shares(
        _ size: Int,
        offline: Double? = nil,
        replay: Double? = nil
    ) -> MinibatchShares {
        var spec = RunSpec(
            name: "run",
            kind: .online,
            model: "tiny",
            objective: NamedParameters(name: "dpo")
        )
        spec.minibatchSize = size
        spec.mix = MixSpec()
        spec.mix?.offline = offline.map { .init(data: .items([]), share: $0) }
        spec.mix?.replay = replay.map { .init(share: $0) }
        return MinibatchShares(spec)
    }

    /// Pairs of the iteration, then of earlier ones, then of a file.
    private func lessons(_ own: Int, _ replay: Int, _ offline: Int) -> Lessons {
        var lessons = Lessons()
        lessons.elements = (0..<own + replay + offline).map { .sequence($0) }
        lessons.replay = own..<own + replay
        lessons.offline = own + replay..<own + replay + offline
        return lessons
    }

    @Test func `a share is at least one element, and the rest is the iteration's own`() {
        let found = shares(16, offline: 0.25, replay: 0.01)
        #expect((found.own, found.offline, found.replay) == (11, 4, 1))
        #expect(shares(16).own == 16)
    }

    @Test func `each minibatch has every part's share, the last proportionally less`() {
        let shares = shares(8, offline: 0.25, replay: 0.25)
        let lessons = lessons(10, 6, 5)
        let steps = (0..<3).map {
            lessons.minibatch(step: $0, iteration: 1, version: $0, shares, plan)
        }
        func counts(_ range: Range<Int>) -> [Int] { steps.map { $0.count(where: range.contains) } }
        #expect(counts(lessons.own) == [4, 4, 2])
        #expect(counts(lessons.replay) == [2, 2, 1])
        #expect(counts(lessons.offline) == [2, 2, 1])
        // A pass has every one of its own once, and of the others none twice before all were there.
        #expect(steps.flatMap(\.self).count == Set(steps.flatMap(\.self)).count)
    }

    @Test func `a part that is not there leaves its place to the iteration's own`() {
        let shares = shares(8, offline: 0.25, replay: 0.25)
        #expect(lessons(10, 0, 5).ownShare(shares) == 6)
        #expect(lessons(10, 0, 0).ownShare(shares) == 8)
        let first = lessons(10, 0, 5).minibatch(step: 0, iteration: 1, version: 0, shares, plan)
        #expect(first.count == 8)
    }

    @Test func `a file that is smaller than its share is taken whole, each element once`() {
        let shares = shares(8, offline: 0.5)
        let found = lessons(8, 0, 2).minibatch(step: 0, iteration: 1, version: 3, shares, plan)
        #expect(found.count == 6 && Set(found).count == 6)
    }

    @Test func `a file goes on where the step before left it, in another iteration too`() {
        let shares = shares(4, offline: 0.25)
        let lessons = lessons(6, 0, 4)
        let taken = (0..<4).map { version in
            lessons.minibatch(
                step: version % 2,
                iteration: version / 2,
                version: version,
                shares,
                plan
            )
            .filter(lessons.offline.contains)
        }
        #expect(Set(taken.flatMap(\.self)) == Set(lessons.offline))
    }
}
