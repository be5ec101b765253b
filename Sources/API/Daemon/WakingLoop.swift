/// Work that is looked for at once, at every signal, and every now and then.
enum WakingLoop {
    /// Works until the work says that it is over, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - signals: Say that there may be something to do; several at once are one.
    ///   - patience: It is looked for at least so often, also when a signal was lost.
    ///   - work: Does what there is; `false` when there will never be more.
    static func run(
        signals: AsyncStream<Void>,
        atLeastEvery patience: Duration,
        _ work: () async -> Bool
    ) async {
        let (wakes, wake) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        wake.yield()
        await withTaskGroup { group in
            group.addTask { for await _ in signals { wake.yield() } }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: patience)
                    wake.yield()
                }
            }
            for await _ in wakes {
                guard await work() else { break }
            }
            group.cancelAll()
        }
    }
}
