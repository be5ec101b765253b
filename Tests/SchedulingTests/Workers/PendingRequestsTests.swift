import Domain
import Testing
import WorkerProtocol

@testable import Scheduling

struct PendingRequestsTests {
    private var pending = PendingRequests<String>()
    private var timing = WorkerTiming()

    init() {
        _ = pending.greet()
        timing.silenceLimit = .seconds(10_000)
    }

    @Test
    mutating func `only the oldest request's deadline runs`() {
        let first = pending.add(name: "sample", deadline: .seconds(10), waiter: "a")
        let second = pending.add(name: "score", deadline: .seconds(1), waiter: "b")
        #expect(pending.advance(by: .seconds(9), timing: timing) == nil)
        #expect(pending.answer(id: first) == "a")
        #expect(pending.advance(by: .seconds(1), timing: timing) == nil)
        #expect(
            pending.advance(by: .milliseconds(1), timing: timing)
                == .deadlinePassed(request: "score", after: .seconds(1))
        )
        #expect(pending.answer(id: second) == "b")
        #expect(pending.advance(by: .seconds(100), timing: timing) == nil)
    }

    @Test
    mutating func `an idle worker's time does not count against the next request`() {
        #expect(pending.advance(by: .seconds(100), timing: timing) == nil)
        _ = pending.add(name: "sample", deadline: .seconds(10), waiter: "a")
        #expect(pending.advance(by: .seconds(10), timing: timing) == nil)
    }

    @Test
    mutating func `refuses answers out of turn`() {
        let first = pending.add(name: "sample", deadline: .seconds(10), waiter: "a")
        let second = pending.add(name: "score", deadline: .seconds(10), waiter: "b")
        #expect(pending.answer(id: second) == nil)
        #expect(pending.answer(id: 99) == nil)
        #expect(pending.answer(id: first) == "a")
        #expect(pending.answer(id: first) == nil)
        #expect(pending.removeAll() == ["b"])
    }

    @Test
    mutating func `requests that share their work are answered in any order`() {
        let ids = ["a", "b", "c", "d"].enumerated().map { place, waiter in
            pending.add(
                name: "sample",
                deadline: .seconds(10),
                sharesWork: place != 2,
                waiter: waiter
            )
        }
        // The third waits for the first two, the fourth for the third.
        #expect(pending.answer(id: ids[2]) == nil)
        #expect(pending.answer(id: ids[3]) == nil)
        #expect(pending.answer(id: ids[1]) == "b")
        #expect(pending.answer(id: ids[2]) == nil)
        #expect(pending.answer(id: ids[0]) == "a")
        #expect(pending.answer(id: ids[3]) == nil)
        #expect(pending.answer(id: ids[2]) == "c")
        #expect(pending.answer(id: ids[3]) == "d")
    }

    @Test
    mutating func `each request at work has its own deadline`() {
        _ = pending.add(name: "sample", deadline: .seconds(10), sharesWork: true, waiter: "a")
        #expect(pending.advance(by: .seconds(3), timing: timing) == nil)
        _ = pending.add(name: "late", deadline: .seconds(5), sharesWork: true, waiter: "b")
        _ = pending.add(name: "score", deadline: .seconds(1), waiter: "c")
        #expect(pending.advance(by: .seconds(5), timing: timing) == nil)
        #expect(
            pending.advance(by: .seconds(1), timing: timing)
                == .deadlinePassed(request: "late", after: .seconds(5))
        )
        // The one at fault first: it is told of its deadline, the others of the loss.
        #expect(pending.removeAll() == ["b", "a", "c"])
    }

    @Test
    mutating func `a cancelled request may be answered before its turn`() {
        let first = pending.add(name: "update", deadline: .seconds(10), waiter: "a")
        let second = pending.add(name: "sample", deadline: .seconds(10), waiter: "b")
        #expect(pending.cancel(id: second) == true)
        #expect(pending.cancel(id: 99) == false)
        #expect(pending.answer(id: second) == "b")
        #expect(pending.cancel(id: second) == false)
        #expect(pending.answer(id: first) == "a")
    }

    @Test
    mutating func `silence is fatal, any word ends it`() {
        timing.silenceLimit = .seconds(15)
        #expect(pending.advance(by: .seconds(15), timing: timing) == nil)
        pending.heard()
        #expect(pending.advance(by: .seconds(15), timing: timing) == nil)
        #expect(pending.advance(by: .seconds(1), timing: timing) == .silent(for: .seconds(16)))
    }

    @Test
    mutating func `a request that reports progress must make some`() {
        timing.stallLimit = .seconds(60)
        let beat = WorkerMessage.Heartbeat(
            activity: "sampling",
            completed: 3,
            total: 9,
            residentBytes: 1
        )
        _ = pending.add(name: "sample", deadline: .seconds(1000), waiter: "a")
        pending.beat(beat)
        #expect(pending.advance(by: .seconds(60), timing: timing) == nil)
        var next = beat
        next.completed = 4
        pending.beat(next)
        #expect(pending.advance(by: .seconds(60), timing: timing) == nil)
        pending.beat(next)
        #expect(
            pending.advance(by: .seconds(1), timing: timing)
                == .stalled(request: "sample", for: .seconds(61))
        )
    }

    @Test
    mutating func `a request that reports none has its deadline only`() {
        timing.stallLimit = .seconds(60)
        _ = pending.add(name: "open policy", deadline: .seconds(1000), waiter: "a")
        #expect(pending.advance(by: .seconds(999), timing: timing) == nil)
    }

    @Test
    func `a launch waits for the hello no longer than its deadline`() {
        var pending = PendingRequests<String>()
        #expect(pending.advance(by: timing.helloDeadline, timing: timing) == nil)
        #expect(
            pending.advance(by: .seconds(1), timing: timing)
                == .noHello(within: timing.helloDeadline)
        )
    }
}
