import Domain
import Scheduling
import Synchronization
import WorkerProtocol

/// A worker that is a closure; it remembers what it was asked, and can be lost on purpose.
final class FakeWorkerPort: WorkerPort {
    typealias Answer = @Sendable (WorkerRequest) throws(HoneError) -> WorkerReply

    private struct State {
        var requests: [String] = []
        var isDead = false
    }

    private let role: String
    private let answer: Answer
    private let state = Mutex(State())

    init(role: String = "policy", answer: @escaping Answer) {
        self.role = role
        self.answer = answer
    }

    /// The names of the requests so far.
    var requests: [String] { state.withLock { $0.requests } }

    /// Makes every later request fail as that of a killed worker does.
    func lose() {
        state.withLock { $0.isDead = true }
    }

    func request(
        _ request: WorkerRequest,
        deadline: Duration
    ) async throws(HoneError) -> WorkerReply {
        let isDead = state.withLock { state in
            state.requests.append(request.name)
            return state.isDead
        }
        if isDead { throw HoneError(.workerLost, "The \(role) worker was killed by SIGKILL.") }
        let reply = try answer(request)
        if case .failed(let error) = reply { throw error }
        return reply
    }

    var status: WorkerStatus {
        get async {
            let isDead = state.withLock { $0.isDead }
            return WorkerStatus(role: role, processID: 0, state: isDead ? .dead : .idle)
        }
    }

    func shutdown() async { lose() }
}
