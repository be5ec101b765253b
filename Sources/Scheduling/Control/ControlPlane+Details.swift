public import Domain
public import Store

extension ControlPlane {
    /// Whether the store takes requests in.
    ///
    /// - Throws: `.overloaded` after a flush to the disk that failed, until the next start.
    public func checkHealth() async throws(HoneError) { try await store.checkHealth() }

    /// The finished iterations with their metrics.
    public func metrics(_ run: String) async throws(HoneError) -> [IterationRecord] {
        try await store.iterations(run: try await findRun(run).id)
    }

    /// The checkpoints that are kept, oldest first.
    public func checkpoints(_ run: String) async throws(HoneError) -> [CheckpointRecord] {
        try await store.checkpoints(run: try await findRun(run).id)
    }

    /// A checkpoint by `RUN@ITERATION`.
    ///
    /// - Throws: `.unknownRun`; `.notFound` listing the checkpoints that are there.
    public func checkpoint(_ reference: String) async throws(HoneError) -> CheckpointRecord {
        guard let (name, iteration) = Names.checkpoint(reference) else {
            throw HoneError(
                .invalidRequest,
                "a checkpoint is named RUN@ITERATION, not \"\(reference)\"",
                param: reference
            )
        }
        let run = try await findRun(name)
        let all = try await store.checkpoints(run: run.id)
        if let found = all.first(where: { $0.iteration == iteration }) { return found }
        let kept = all.map { "\(run.name)@\($0.iteration)" }.joined(separator: ", ")
        throw HoneError(
            .notFound,
            "the run \"\(run.name)\" keeps no checkpoint of iteration \(iteration); "
                + (kept.isEmpty ? "it has none" : "it has \(kept)"),
            param: reference
        )
    }

    /// Stored rollouts by id, oldest first.
    public func rollouts(
        run: String? = nil,
        iteration: Int? = nil,
        purpose: RolloutRecord.Purpose? = nil,
        after: Int? = nil,
        limit: Int = 100
    ) async throws(HoneError) -> Page<RolloutRecord> {
        var id: String?
        if let run { id = try await findRun(run).id }
        return try await store.rollouts(
            run: id,
            iteration: iteration,
            purpose: purpose,
            after: after,
            limit: max(1, min(limit, 1000))
        )
    }

    /// One stored rollout.
    ///
    /// - Throws: `.unknownRollout`.
    public func rollout(_ id: Int) async throws(HoneError) -> RolloutRecord {
        if let found = try await store.rollout(id) { return found }
        throw HoneError(.unknownRollout, "there is no rollout \(id)", param: String(id))
    }

    /// A run's preference pairs by id, oldest first.
    public func pairs(
        run: String,
        iteration: Int? = nil,
        after: Int? = nil,
        limit: Int = 100
    ) async throws(HoneError) -> Page<PairRecord> {
        try await store.pairs(
            run: try await findRun(run).id,
            iteration: iteration,
            after: after,
            limit: max(1, min(limit, 1000))
        )
    }

    /// Ends the streams of events, ahead of `shutdown()`: who follows one would hold it up.
    public nonisolated func endEvents() { broker.finish() }

    /// Whether the streams of events were ended because the process is about to.
    public nonisolated var hasEndedEvents: Bool { broker.isFinished }

    /// A run's events after the one of that id: the stored ones, then new ones as they happen.
    ///
    /// Ends after the event that made the run final. Read at the consumer's pace, nothing is dropped.
    public func events(
        run: String,
        after id: Int = 0
    ) async throws(HoneError) -> AsyncStream<EventRecord> {
        let record = try await findRun(run)
        let follower = EventFollower(
            store: store,
            run: record.id,
            after: id,
            signals: broker.signals(of: record.id)
        )
        return AsyncStream { await follower.next() }
    }

    /// Claims an `Idempotency-Key` for a request with this body (durable across restarts).
    public func claim(
        idempotencyKey key: String,
        bodyHash: String
    ) async throws(HoneError) -> IdempotencyClaim {
        try await store.claim(key: key, bodyHash: bodyHash)
    }

    /// Keeps the reply of a claimed key.
    public func finish(
        idempotencyKey key: String,
        status: Int,
        body: String
    ) async throws(HoneError) { try await store.finish(key: key, status: status, reply: body) }

    /// Gives a claimed key back after a failure that may be retried.
    public func abandon(idempotencyKey key: String) async throws(HoneError) {
        try await store.abandon(key: key)
    }
}

/// Reads a run's events as they come.
actor EventFollower {
    private let store: DataStore
    private let run: String
    private var last: Int
    private var page: ArraySlice<EventRecord> = []
    private let signals: AsyncStream<Void>

    init(store: DataStore, run: String, after id: Int, signals: AsyncStream<Void>) {
        self.store = store
        self.run = run
        last = id
        self.signals = signals
    }

    /// The next event; `nil` when none will come any more.
    func next() async -> EventRecord? {
        while page.isEmpty {
            // The state before the events: an event that is missed here belongs to a later state.
            guard let state = try? await store.run(run).state,
                let found = try? await store.events(run: run, after: last, limit: 100)
            else { return nil }
            page = found[...]
            if !page.isEmpty { break }
            if state.isFinal { return nil }
            var iterator = signals.makeAsyncIterator()
            if await iterator.next() == nil { return nil }
        }
        guard let event = page.popFirst() else { return nil }
        last = event.id
        return event
    }
}
