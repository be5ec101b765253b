public import Domain
public import Store

extension ControlPlane {
    /// Everything wrong with `spec`, and what it would take. Nothing is started.
    public func validate(_ spec: RunSpec) async throws(HoneError) -> ValidationReport {
        throw unbuilt
    }

    /// Queues a run.
    ///
    /// - Parameters:
    ///   - document: The spec as its owner wrote it, kept as the run folder's `spec.json`.
    ///   - idempotencyKey: The same key and spec give the same run.
    /// - Throws: `.alreadyExists` listing the differences when the name has another spec,
    ///   `.conflict` for a key used before with another spec.
    public func submit(
        _ spec: RunSpec,
        document: String? = nil,
        idempotencyKey: String? = nil
    ) async throws(HoneError) -> Submission { throw unbuilt }

    /// Queues a run that goes on from the checkpoint `RUN@ITERATION` with a changed spec.
    public func fork(
        from checkpoint: String,
        spec: RunSpec,
        document: String? = nil
    ) async throws(HoneError) -> Submission { throw unbuilt }

    /// Runs in the order they were made. `after` is a run's id or name.
    public func runs(
        after: String? = nil,
        limit: Int = 100,
        state: RunState? = nil
    ) async throws(HoneError) -> Page<RunRecord> { throw unbuilt }

    /// A run by id or name. - Throws: `.unknownRun`.
    public func findRun(_ run: String) async throws(HoneError) -> RunRecord { throw unbuilt }

    /// Stops a queued or running run at its next unit boundary until it is resumed.
    public func pause(_ run: String) async throws(HoneError) -> RunRecord { throw unbuilt }

    /// Queues a paused, failed or cancelled run again; it goes on from its newest checkpoint.
    public func resume(_ run: String) async throws(HoneError) -> RunRecord { throw unbuilt }

    /// Ends a run at its next unit boundary.
    public func cancel(_ run: String) async throws(HoneError) -> RunRecord { throw unbuilt }

    /// Removes a final or queued run with everything that belongs to it, files too; a model it
    /// published stays. - Throws: `.conflict` while it runs.
    public func deleteRun(_ run: String) async throws(HoneError) { throw unbuilt }

    /// The finished iterations with their metrics.
    public func metrics(_ run: String) async throws(HoneError) -> [IterationRecord] {
        throw unbuilt
    }

    /// The checkpoints that are kept, oldest first.
    public func checkpoints(_ run: String) async throws(HoneError) -> [CheckpointRecord] {
        throw unbuilt
    }

    /// A checkpoint by `RUN@ITERATION`. - Throws: `.notFound` listing those that are there.
    public func checkpoint(_ reference: String) async throws(HoneError) -> CheckpointRecord {
        throw unbuilt
    }

    /// Stored rollouts by id, oldest first.
    public func rollouts(
        run: String? = nil,
        iteration: Int? = nil,
        purpose: RolloutRecord.Purpose? = nil,
        after: Int? = nil,
        limit: Int = 100
    ) async throws(HoneError) -> Page<RolloutRecord> { throw unbuilt }

    /// One stored rollout. - Throws: `.unknownRollout`.
    public func rollout(_ id: Int) async throws(HoneError) -> RolloutRecord { throw unbuilt }

    /// A run's preference pairs by id, oldest first.
    public func pairs(
        run: String,
        iteration: Int? = nil,
        after: Int? = nil,
        limit: Int = 100
    ) async throws(HoneError) -> Page<PairRecord> { throw unbuilt }

    /// A run's events after the one of that id: the stored ones, then new ones as they happen; ends
    /// after the event that made the run final. Read at the consumer's pace, nothing is dropped.
    public func events(
        run: String,
        after id: Int = 0
    ) async throws(HoneError) -> AsyncStream<EventRecord> { throw unbuilt }
}
