import Synchronization

/// One request on its way to a worker, as its caller's cancellation finds it.
final class RequestTicket: Sendable {
    private struct State {
        var id: Int?
        var isCancelled = false
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Notes that the request is being sent under this id.
    func send(_ id: Int) { state.withLock { $0.id = id } }

    /// Notes that nobody waits for the request; its id when it has been sent.
    func cancel() -> Int? {
        state.withLock {
            $0.isCancelled = true
            return $0.id
        }
    }
}
