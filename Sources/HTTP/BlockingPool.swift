import Glibc

/// A few threads for calls that block, so that none blocks the cooperative pool.
///
/// Threads start when needed and end after ten idle seconds.
final class BlockingPool: @unchecked Sendable {
    // Sendable: all state is touched with `lock` held.

    private let name: String
    private let limit: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var idle = 0
    private var threads = 0

    /// Threads of this name, so many at most.
    init(_ name: String, limit: Int) {
        self.name = name
        self.limit = max(1, limit)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        lock.deallocate()
        condition.deallocate()
    }

    /// Runs a blocking closure on a thread of the pool and waits for its result.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Swift.Result(catching: body)) }
        }
    }

    /// Has a thread run a closure when one is free.
    func submit(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(lock)
        jobs.append(job)
        let startsThread = jobs.count > idle && threads < limit
        if startsThread { threads += 1 }
        pthread_cond_signal(condition)
        pthread_mutex_unlock(lock)
        guard startsThread else { return }
        // Without a new thread the job waits for one that works; the first one must not fail.
        let started: Void? = try? OwnThread.start(name) { self.work() }
        if started == nil { threadFailed() }
    }

    /// No thread could be had: if there is none at all, the caller's thread has to do.
    private func threadFailed() {
        pthread_mutex_lock(lock)
        threads -= 1
        let orphans = threads == 0 ? jobs : []
        if threads == 0 { jobs = [] }
        pthread_mutex_unlock(lock)
        for job in orphans { job() }
    }

    private func work() {
        while let job = nextJob() { job() }
    }

    private func nextJob() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += 10
        idle += 1
        defer { idle -= 1 }
        while jobs.isEmpty {
            if pthread_cond_timedwait(condition, lock, &deadline) == ETIMEDOUT, jobs.isEmpty {
                threads -= 1
                return nil
            }
        }
        return jobs.removeFirst()
    }
}
