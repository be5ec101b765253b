import Domain
import WorkerProtocol

/// The state machine of one worker's conversation, without a clock, thread or socket of its own.
///
/// It knows what was asked and not yet answered, when the worker was last heard from, and what that
/// adds up to.
///
/// **Invariant**: requests are answered in the order of their ids, so only the oldest one's
/// deadline runs; each request's time begins when the one before it is answered.
struct PendingRequests<Waiter: Sendable>: Sendable {
    /// A request under way.
    struct Entry: Sendable {
        var id: Int
        var name: String
        var deadline: Duration
        var waiter: Waiter
    }

    private(set) var entries: [Entry] = []
    private(set) var hasGreeted = false
    private(set) var heartbeat = WorkerMessage.Heartbeat(
        activity: "",
        completed: 0,
        total: 0,
        residentBytes: 0
    )
    private var nextID = 1
    /// Time since the oldest request became the oldest; since the launch before the hello.
    private var elapsed = Duration.zero
    /// Time since the worker was heard from.
    private var silence = Duration.zero
    /// Time since the worker last reported another progress.
    private var stall = Duration.zero

    /// Adds a request and returns its id.
    mutating func add(name: String, deadline: Duration, waiter: Waiter) -> Int {
        let id = nextID
        nextID += 1
        if entries.isEmpty { restartRequestClock() }
        entries.append(Entry(id: id, name: name, deadline: deadline, waiter: waiter))
        return id
    }

    /// Takes out the waiter of a reply; `nil` when the reply is not to the oldest request.
    mutating func answer(id: Int) -> Waiter? {
        guard let first = entries.first, first.id == id else { return nil }
        entries.removeFirst()
        restartRequestClock()
        return first.waiter
    }

    /// Takes out a request that was never sent.
    mutating func withdraw(id: Int) -> Waiter? {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
        if index == 0 { restartRequestClock() }
        return entries.remove(at: index).waiter
    }

    /// Takes out everyone who waits.
    mutating func removeAll() -> [Waiter] {
        defer { entries = [] }
        return entries.map(\.waiter)
    }

    /// Takes in the hello; false when there was one already.
    mutating func greet() -> Bool {
        defer { hasGreeted = true }
        return !hasGreeted
    }

    /// Takes in any sign of life.
    mutating func heard() {
        silence = .zero
    }

    /// Takes in a heartbeat.
    mutating func beat(_ heartbeat: WorkerMessage.Heartbeat) {
        let old = self.heartbeat
        if heartbeat.activity != old.activity || heartbeat.completed != old.completed
            || heartbeat.total != old.total
        {
            stall = .zero
        }
        self.heartbeat = heartbeat
    }

    /// Lets time pass; a verdict when some limit is over.
    mutating func advance(by time: Duration, timing: WorkerTiming) -> WorkerVerdict? {
        elapsed += time
        silence += time
        stall += time
        guard hasGreeted else {
            return elapsed > timing.helloDeadline ? .noHello(within: timing.helloDeadline) : nil
        }
        if let first = entries.first {
            if elapsed > first.deadline {
                return .deadlinePassed(request: first.name, after: first.deadline)
            }
            if let limit = timing.stallLimit, heartbeat.total > 0, stall > limit {
                return .stalled(request: first.name, for: stall)
            }
        }
        return silence > timing.silenceLimit ? .silent(for: silence) : nil
    }

    private mutating func restartRequestClock() {
        elapsed = .zero
        stall = .zero
    }
}
