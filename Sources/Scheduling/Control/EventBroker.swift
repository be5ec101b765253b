import Synchronization

/// Wakes the followers of runs; what happened they read from the store, so nothing is lost and a
/// slow follower costs no memory.
final class EventBroker: Sendable {
    private struct Followers {
        var next = 0
        var isFinished = false
        var signals: [Int: (run: String?, signal: AsyncStream<Void>.Continuation)] = [:]
    }

    private let followers = Mutex(Followers())

    /// Tells the followers of `run` that there is something to read.
    func wake(_ run: String) {
        let signals = followers.withLock { followers in
            followers.signals.values.filter { $0.run == run || $0.run == nil }.map { $0.signal }
        }
        for signal in signals { signal.yield() }
    }

    /// Whether the streams were ended, and new ones end at once.
    var isFinished: Bool { followers.withLock { $0.isFinished } }

    /// Ends all streams (at shutdown).
    func finish() {
        let signals = followers.withLock { followers in
            followers.isFinished = true
            return followers.signals.values.map { $0.signal }
        }
        for signal in signals { signal.finish() }
    }

    /// A signal for each (or for several) of the run's wakes from now on; `nil` is any run.
    func signals(of run: String?) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = followers.withLock { followers in
            followers.next += 1
            followers.signals[followers.next] = (run, continuation)
            if followers.isFinished { continuation.finish() }
            return followers.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.followers.withLock { $0.signals[id] = nil }
        }
        return stream
    }
}
