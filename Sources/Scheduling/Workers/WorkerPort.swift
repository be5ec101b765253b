public import Domain
public import WorkerProtocol

/// One worker as the scheduler sees it: a process in the field, a fake in tests.
///
/// A worker takes its requests one after another, in the order they were made; those that say
/// `sharesWork` and have none of another kind between them are computed together and answered in any
/// order. Once lost a worker stays lost, and so does what it had open: the caller launches another,
/// reopens and redoes its unit.
public protocol WorkerPort: Sendable {
    /// Has the worker do one unit of work.
    ///
    /// Cancelling the caller's task drops a request that waits or shares its work, which then throws
    /// `.conflict`; one that is at work alone is done and answered.
    /// - Parameters:
    ///   - request: What to do.
    ///   - deadline: How long it may take, counted from when the requests it has to
    ///     wait for are done.
    /// - Returns: The worker's answer, never `.failed`.
    /// - Throws: What the worker answered as `.failed`; `.deadlineExceeded` when the deadline
    ///   passed (the worker is dead then); `.workerLost` with the cause when it died or hung.
    func request(
        _ request: WorkerRequest,
        deadline: Duration
    ) async throws(HoneError) -> WorkerReply

    /// The same for a request that tells of its tokens as they are drawn.
    ///
    /// - Parameters:
    ///   - request: What to do.
    ///   - deadline: As in `request`.
    ///   - drawn: Called in order, from any thread, before this returns; must not block.
    /// - Returns: As in `request`.
    /// - Throws: As in `request`.
    func request(
        _ request: WorkerRequest,
        deadline: Duration,
        drawn: @escaping @Sendable ([DrawnToken]) -> Void
    ) async throws(HoneError) -> WorkerReply

    /// What the worker is doing, by its last heartbeat.
    var status: WorkerStatus { get async }

    /// Ends the worker, gently if it can be, and returns when it is gone; harmless when repeated.
    ///
    /// Requests that are still waiting then throw `.workerLost`.
    func shutdown() async
}

extension WorkerPort {
    /// Ends a worker that was launched for what is over by now.
    ///
    /// - Returns: What to say to whoever launched it.
    func refused() async -> HoneError {
        await shutdown()
        return HoneError(.workerLost, "the run's workers are closed")
    }

    /// The answer alone, of workers that tell of nothing before it.
    public func request(
        _ request: WorkerRequest,
        deadline: Duration,
        drawn: @escaping @Sendable ([DrawnToken]) -> Void
    ) async throws(HoneError) -> WorkerReply {
        try await self.request(request, deadline: deadline)
    }
}

/// What starts workers.
public protocol WorkerLauncher: Sendable {
    /// Starts a worker and waits until it is ready for requests.
    ///
    /// - Parameters:
    ///   - role: What it is for (`policy`, `reward`, `serving`, …), for logs and status.
    ///   - share: The share of the threads that it computes with.
    ///   - reach: The files that it reaches beside those of its data folder.
    /// - Returns: The worker, idle.
    /// - Throws: `.workerLost` when it died or stayed silent, `.internalError` when it cannot be
    ///   started at all or is of another version.
    func launch(
        role: String,
        share: ThreadShare,
        reach: Confinement.Reach
    ) async throws(HoneError) -> any WorkerPort
}

extension WorkerLauncher {
    /// Starts a worker that reaches only its data folder's files, with all threads unless said.
    public func launch(
        role: String,
        share: ThreadShare = .whole
    ) async throws(HoneError) -> any WorkerPort {
        try await launch(role: role, share: share, reach: Confinement.Reach())
    }
}

/// How much of the machine a worker computes with.
///
/// Fixed by the run's spec and the configured threads, never by load: results may depend on it.
public enum ThreadShare: Sendable, Hashable {
    /// All threads.
    case whole
    /// Half of them, rounded down but at least one: the sampler's while another worker learns.
    case smallerHalf
    /// Half of them, rounded up: the learner's and its rewards'.
    case largerHalf

    /// The share of `threads`, at least 1.
    public func of(_ threads: Int) -> Int {
        switch self {
        case .whole: max(1, threads)
        case .smallerHalf: max(1, threads / 2)
        case .largerHalf: max(1, threads - threads / 2)
        }
    }
}
