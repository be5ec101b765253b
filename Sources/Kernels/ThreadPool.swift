import CKernels
import Glibc
import Synchronization

/// Threads that live as long as the pool and run one parallel loop after another.
///
/// A loop's parts are handed out dynamically, so a part must write only what is its own; sums across
/// parts are made by the caller in a fixed order. Between loops a thread spins briefly (layers follow
/// each other within microseconds) and then sleeps.
///
/// `@unchecked Sendable`: `body` is written before `generation` is advanced with release order and
/// read after it was seen with acquire order; the caller waits for all parts before it goes on.
public final class ThreadPool: @unchecked Sendable {
    /// Threads that share a loop, the calling one included.
    public let threadCount: Int

    private let generation = Atomic<Int>(0)
    private let nextPart = Atomic<Int>(0)
    private let active = Atomic<Int>(0)
    private var partCount = 0
    private var body: ((Int, Int) -> Void)?
    private var mutex = pthread_mutex_t()
    private var wake = pthread_cond_t()
    private var sleeping = 0
    private static let spins = 8_000

    /// - Parameter threadCount: at least 1.
    public init(threadCount: Int) {
        self.threadCount = max(1, threadCount)
        pthread_mutex_init(&mutex, nil)
        pthread_cond_init(&wake, nil)
        for index in 1..<max(2, self.threadCount) where index < self.threadCount {
            Thread.start { [self] in work(index) }
        }
    }

    /// Runs `body(part, thread)` for every part in `0..<parts`; returns when all are done.
    ///
    /// - Parameters:
    ///   - parts: how many parts the work has; 0 runs nothing.
    ///   - body: `thread` is below `threadCount` and tells scratch memory apart.
    public func run(parts: Int, _ body: (_ part: Int, _ thread: Int) -> Void) {
        if parts <= 0 { return }
        if parts == 1 || threadCount == 1 {
            for part in 0..<parts { body(part, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            self.body = body
            partCount = parts
            nextPart.store(0, ordering: .relaxed)
            active.store(threadCount - 1, ordering: .relaxed)
            pthread_mutex_lock(&mutex)
            generation.add(1, ordering: .releasing)
            if sleeping > 0 { pthread_cond_broadcast(&wake) }
            pthread_mutex_unlock(&mutex)
            takeParts(thread: 0)
            waitForParts()
            self.body = nil
        }
    }

    /// Runs `body(range, thread)` over `0..<count` split into one even range a thread, each a
    /// multiple of `grain` long.
    public func run(
        count: Int,
        grain: Int,
        _ body: (_ range: Range<Int>, _ thread: Int) -> Void
    ) {
        let grains = (count + grain - 1) / grain
        let parts = min(threadCount, grains)
        run(parts: parts) { part, thread in
            let lower = grains * part / parts * grain
            let upper = min(count, grains * (part + 1) / parts * grain)
            if lower < upper { body(lower..<upper, thread) }
        }
    }

    /// Parts end within microseconds of each other, unless the system took a thread's core away.
    private func waitForParts() {
        var spins = 0
        while active.load(ordering: .acquiring) > 0 {
            spins += 1
            if spins < Self.spins { pause() } else { sched_yield() }
        }
    }

    private func takeParts(thread: Int) {
        while true {
            let part = nextPart.add(1, ordering: .relaxed).oldValue
            if part >= partCount { return }
            body?(part, thread)
        }
    }

    private func work(_ thread: Int) {
        var seen = 0
        while true {
            seen = waitForLoop(after: seen)
            takeParts(thread: thread)
            active.subtract(1, ordering: .releasing)
        }
    }

    private func waitForLoop(after seen: Int) -> Int {
        for _ in 0..<Self.spins {
            let now = generation.load(ordering: .acquiring)
            if now != seen { return now }
            pause()
        }
        pthread_mutex_lock(&mutex)
        defer { pthread_mutex_unlock(&mutex) }
        sleeping += 1
        while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(&wake, &mutex) }
        sleeping -= 1
        return generation.load(ordering: .acquiring)
    }

    private func pause() { ck_pause() }
}

/// A detached thread with a stack large enough for BLAS.
private enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            box.toOpaque()
        )
        pthread_detach(thread)
        pthread_attr_destroy(&attributes)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
