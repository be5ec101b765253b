import Domain
import WorkerProtocol

/// The state machine of one worker's conversation, without a clock, thread or socket of its own.
///
/// It knows what was asked and not yet answered, when the worker was last heard from, and what that
/// adds up to.
///
/// **Invariant**: the oldest request is at work, and those right behind it as long as all of them
/// share their work. Only requests at work are answered, and only their time runs: it begins when
/// the last request that they had to wait for is answered.
struct PendingRequests<Waiter: Sendable>: Sendable {
    /// A request under way.
    struct Entry: Sendable {
        var id: Int
        var name: String
        var deadline: Duration
        /// Whether it is computed together with its like.
        var sharesWork = false
        var waiter: Waiter
        /// Whether the worker was told that nobody waits for it.
        var isCancelled = false
        /// Time since it came to work.
        var elapsed = Duration.zero
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
    /// Time since the launch, until the hello.
    private var age = Duration.zero
    /// The request whose deadline has passed.
    private var overdue: Int?
    /// Time since the worker was heard from.
    private var silence = Duration.zero
    /// Time since the worker last reported another progress.
    private var stall = Duration.zero

    /// Adds a request and returns its id.
    mutating func add(
        name: String,
        deadline: Duration,
        sharesWork: Bool = false,
        waiter: Waiter
    ) -> Int {
        let id = nextID
        nextID += 1
        if entries.isEmpty { stall = .zero }
        entries.append(
            Entry(id: id, name: name, deadline: deadline, sharesWork: sharesWork, waiter: waiter)
        )
        return id
    }

    /// How many of the oldest requests are at work.
    private var countAtWork: Int {
        guard let first = entries.first else { return 0 }
        return first.sharesWork ? entries.prefix { $0.sharesWork }.count : 1
    }

    /// Takes out the waiter of a reply; `nil` when the reply is out of turn.
    mutating func answer(id: Int) -> Waiter? {
        guard let index = entries.firstIndex(where: { $0.id == id }),
            index < countAtWork || entries[index].isCancelled
        else { return nil }
        stall = .zero
        return entries.remove(at: index).waiter
    }

    /// Notes that nobody waits for a request; `false` when it has been answered already.
    mutating func cancel(id: Int) -> Bool {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return false }
        entries[index].isCancelled = true
        return true
    }

    /// Takes out a request that was never sent.
    mutating func withdraw(id: Int) -> Waiter? {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
        stall = .zero
        return entries.remove(at: index).waiter
    }

    /// Takes out everyone who waits, first the one whose deadline has passed.
    mutating func removeAll() -> [Waiter] {
        defer { entries = [] }
        return (entries.filter { $0.id == overdue } + entries.filter { $0.id != overdue })
            .map(\.waiter)
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
        silence += time
        stall += time
        guard hasGreeted else {
            age += time
            return age > timing.helloDeadline ? .noHello(within: timing.helloDeadline) : nil
        }
        for index in 0..<countAtWork {
            entries[index].elapsed += time
            if entries[index].elapsed > entries[index].deadline {
                overdue = entries[index].id
                return .deadlinePassed(
                    request: entries[index].name,
                    after: entries[index].deadline
                )
            }
        }
        if let first = entries.first, let limit = timing.stallLimit, heartbeat.total > 0,
            stall > limit
        {
            return .stalled(request: first.name, for: stall)
        }
        return silence > timing.silenceLimit ? .silent(for: silence) : nil
    }
}
