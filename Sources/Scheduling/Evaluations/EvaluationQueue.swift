/// Which evaluation is under way, so that it can be cancelled by its id.
actor EvaluationQueue {
    private var current: (id: String, task: Task<Void, Never>)?
    private nonisolated let wakes: AsyncStream<Void>
    private nonisolated let signal: AsyncStream<Void>.Continuation

    init() {
        (wakes, signal) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    /// Says that there may be something to do.
    nonisolated func wake() { signal.yield() }

    /// Ends the waiting and what is under way.
    func stop() {
        signal.finish()
        current?.task.cancel()
    }

    /// One for each, or for several, of the wakes.
    nonisolated var signals: AsyncStream<Void> { wakes }

    /// Does `work` as the evaluation `id`; the caller's cancellation ends it too.
    func perform(_ id: String, _ work: @escaping @Sendable () async -> Void) async {
        // A task of its own: cancelling it ends this one evaluation and nothing else.
        let task = Task { await work() }
        current = (id, task)
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        current = nil
    }

    /// Ends the evaluation `id` when it is the one under way.
    func cancel(_ id: String) {
        if current?.id == id { current?.task.cancel() }
    }
}
