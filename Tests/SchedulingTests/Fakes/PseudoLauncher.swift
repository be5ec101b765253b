import Domain
import Scheduling
import Synchronization
import WorkerProtocol

/// Launches `PseudoWorker`s, counts what they are asked, and lets a test step in at any request.
final class PseudoLauncher: WorkerLauncher {
    enum Moment: Sendable { case before, after }

    typealias Interference =
        @Sendable (Moment, Int, WorkerRequest) async throws(HoneError) -> Void

    private struct State {
        var requests: [String] = []
        var launches: [String] = []
        var interference: Interference?
        var loss: (@Sendable (Int) -> Double)?
    }

    private let state = Mutex(State())

    static let lost = HoneError(.workerLost, "the worker was killed by SIGKILL")

    /// The names of all requests in order.
    var requests: [String] { state.withLock { $0.requests } }
    /// The roles launched in order.
    var launches: [String] { state.withLock { $0.launches } }

    /// Called around every request with its number from 0; may throw in its place.
    func interfere(with body: Interference?) { state.withLock { $0.interference = body } }

    /// The loss that a step reports.
    func reportLoss(_ body: @escaping @Sendable (Int) -> Double) {
        state.withLock { $0.loss = body }
    }

    func launch(
        role: String,
        share: ThreadShare,
        reach: Confinement.Reach
    ) async throws(HoneError) -> any WorkerPort {
        state.withLock { $0.launches.append(role) }
        return PseudoWorker(role: role, launcher: self)
    }

    func count(_ request: WorkerRequest) -> Int {
        state.withLock { state in
            state.requests.append(request.name)
            return state.requests.count - 1
        }
    }

    func interfere(
        _ moment: Moment,
        _ number: Int,
        _ request: WorkerRequest
    ) async throws(HoneError) {
        if let body = state.withLock({ $0.interference }) {
            try await body(moment, number, request)
        }
    }

    func loss(_ step: Int) -> Double { state.withLock { $0.loss }?(step) ?? 0.5 }
}
