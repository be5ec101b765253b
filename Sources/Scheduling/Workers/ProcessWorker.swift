public import Domain
import Foundation
import Synchronization
public import WorkerProtocol

/// A worker behind a socket, supervised by a thread of its own.
///
/// The thread reads replies and heartbeats, lets time pass for `PendingRequests`, kills the worker
/// on its verdict, reaps it and tells everyone who waits why. Requests are encoded and written on
/// a serial queue, so that nothing here blocks the cooperative pool.
public final class ProcessWorker: WorkerPort {
    typealias Outcome = Result<WorkerReply, HoneError>
    typealias Waiter = CheckedContinuation<Outcome, Never>
    typealias Observer = @Sendable ([DrawnToken]) -> Void

    /// Below all other ids: nobody waits for its reply.
    private static let shutdownID = 0

    private struct State {
        var pending = PendingRequests<Waiter>()
        /// Who wants to see what is drawn, by the ids of the requests under way.
        var observers: [Int: Observer] = [:]
        /// Why it ended, as whoever waited for it at that moment was told.
        var obituary: HoneError?
        /// Those who wait for the hello.
        var greeters: [CheckedContinuation<HoneError?, Never>] = []
        /// Set once the worker is gone, and with it every later request's answer.
        var death: HoneError?
        var isShuttingDown = false
    }

    private let role: String
    private let restarts: Int
    private let socket: FrameSocket
    private let process: any ChildProcess
    private let timing: WorkerTiming
    private let state = Mutex(State())
    private let writes: DispatchQueue
    private let isGone = Latch()

    /// Supervises a worker from its launch on.
    init(
        role: String,
        restarts: Int,
        socket: FrameSocket,
        process: any ChildProcess,
        timing: WorkerTiming
    ) {
        self.role = role
        self.restarts = restarts
        self.socket = socket
        self.process = process
        self.timing = timing
        writes = DispatchQueue(label: "worker-\(role)-writes")
        let thread = Thread { self.supervise() }
        thread.name = "worker-\(role)"
        thread.start()
    }

    // MARK: WorkerPort

    /// Has the worker do one unit of work; see `WorkerPort`.
    public func request(
        _ request: WorkerRequest,
        deadline: Duration
    ) async throws(HoneError) -> WorkerReply {
        try await perform(request, deadline: deadline, observer: nil)
    }

    /// The same with what is drawn meanwhile; see `WorkerPort`.
    public func request(
        _ request: WorkerRequest,
        deadline: Duration,
        drawn: @escaping @Sendable ([DrawnToken]) -> Void
    ) async throws(HoneError) -> WorkerReply {
        try await perform(request, deadline: deadline, observer: drawn)
    }

    private func perform(
        _ request: WorkerRequest,
        deadline: Duration,
        observer: Observer?
    ) async throws(HoneError) -> WorkerReply {
        let ticket = RequestTicket()
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                writes.async {
                    self.submit(
                        request,
                        deadline: deadline,
                        waiter: waiter,
                        ticket: ticket,
                        observer: observer
                    )
                }
            }
        } onCancel: {
            writes.async { self.cancel(ticket) }
        }
        let reply = try outcome.get()
        if case .failed(let error) = reply { throw error }
        return reply
    }

    /// What the worker is doing, by its last heartbeat.
    public var status: WorkerStatus {
        get async {
            state.withLock { state in
                let life = Self.lifeState(state)
                let beat = state.pending.heartbeat
                var status = WorkerStatus(
                    role: role,
                    processID: process.processID,
                    state: life,
                    residentBytes: life == .dead ? 0 : beat.residentBytes,
                    sampling: beat.sampling,
                    restarts: restarts
                )
                if life == .busy {
                    status.activity = beat.activity
                    status.completed = beat.completed
                    status.total = beat.total
                }
                return status
            }
        }
    }

    /// Ends the worker: by request, then by SIGTERM, then by SIGKILL.
    public func shutdown() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let thread = Thread {
                self.end()
                done.resume()
            }
            thread.start()
        }
    }

    /// Waits until the worker has said hello.
    func waitForHello() async throws(HoneError) {
        let error: HoneError? = await withCheckedContinuation { greeter in
            let known: HoneError?? = state.withLock { state in
                if let obituary = state.obituary { return .some(obituary) }
                if state.pending.hasGreeted { return .some(nil) }
                state.greeters.append(greeter)
                return nil
            }
            if let known { greeter.resume(returning: known) }
        }
        if let error { throw error }
    }

    private static func lifeState(_ state: State) -> WorkerStatus.State {
        if state.death != nil { return .dead }
        if !state.pending.hasGreeted { return .starting }
        return state.pending.entries.isEmpty ? .idle : .busy
    }

    // MARK: Requests

    /// Encodes and writes on the queue, whose order is that of the ids.
    private func submit(
        _ request: WorkerRequest,
        deadline: Duration,
        waiter: Waiter,
        ticket: RequestTicket,
        observer: Observer?
    ) {
        let added: Result<Int, HoneError> = state.withLock { state in
            if let death = state.death { return .failure(death) }
            if ticket.isCancelled { return .failure(Self.cancelled) }
            let id = state.pending.add(
                name: request.name,
                deadline: deadline,
                sharesWork: request.sharesWork,
                waiter: waiter
            )
            state.observers[id] = observer
            return .success(id)
        }
        switch added {
        case .failure(let error): waiter.resume(returning: .failure(error))
        case .success(let id):
            ticket.send(id)
            write(request, id: id)
        }
    }

    /// Tells the worker that nobody waits for a request; its answer still comes.
    private func cancel(_ ticket: RequestTicket) {
        guard let id = ticket.cancel(), state.withLock({ $0.pending.cancel(id: id) }),
            let frame = try? Frame(.cancel(id: id))
        else { return }
        try? socket.send(frame, timeout: timing.sendDeadline)
    }

    private static let cancelled = HoneError(
        .conflict,
        "The request was cancelled before it was sent."
    )

    private func write(_ request: WorkerRequest, id: Int) {
        let frame: Frame
        do throws(HoneError) { frame = try Frame(.request(id: id, request)) } catch {
            let waiter = state.withLock { state in
                state.observers[id] = nil
                return state.pending.withdraw(id: id)
            }
            waiter?.resume(returning: .failure(error))
            return
        }
        // The supervising thread sees a lost connection by itself, with the cause.
        try? socket.send(frame, timeout: timing.sendDeadline)
    }

    // MARK: Supervision

    /// The life of the supervising thread.
    private func supervise() {
        let ending = converse()
        socket.shutDown()
        let error = WorkerObituary(
            role: role,
            process: process,
            heartbeat: state.withLock { $0.pending.heartbeat },
            activity: state.withLock { $0.pending.entries.first?.name }
        ).write(ending, exitGrace: timing.exitGrace)
        bury(error, ending: ending)
    }

    /// Reads and keeps time until the connection ends or the worker has to be killed.
    private func converse() -> WorkerEnding {
        var last = SuspendingClock.now
        while true {
            do throws(HoneError) {
                switch try socket.receive(timeout: timing.tick) {
                case .frames(let frames):
                    for frame in frames { try accept(frame.message()) }
                case .partOfFrame: state.withLock { $0.pending.heard() }
                case .silence: break
                case .closed: return closing()
                }
            } catch {
                return error.code == .workerLost ? closing() : .broken(error)
            }
            // A tick counts as one even if this program stood still meanwhile (SIGSTOP, swap):
            // the worker's words of that time are still in the socket.
            let now = SuspendingClock.now
            let passed = min(now - last, timing.tick * 2)
            last = now
            let verdict = state.withLock { $0.pending.advance(by: passed, timing: timing) }
            if let verdict { return .condemned(verdict) }
        }
    }

    private func closing() -> WorkerEnding {
        state.withLock { $0.isShuttingDown } ? .shutDown : .closed
    }

    private func accept(_ message: WorkerMessage) throws(HoneError) {
        state.withLock { $0.pending.heard() }
        switch message {
        case .hello(let hello): try accept(hello)
        case .heartbeat(let heartbeat): state.withLock { $0.pending.beat(heartbeat) }
        case .reply(Self.shutdownID, _): break
        case .reply(let id, let reply):
            let found = state.withLock { state in
                state.observers[id] = nil
                return state.pending.answer(id: id)
            }
            guard let waiter = found else {
                throw HoneError(.internalError, "It answered request \(id) out of turn.")
            }
            waiter.resume(returning: .success(reply))
        case .drawn(let id, let tokens): state.withLock { $0.observers[id] }?(tokens)
        case .request, .cancel:
            throw HoneError(.internalError, "It sent a request.")
        }
    }

    private func accept(_ hello: WorkerMessage.Hello) throws(HoneError) {
        guard hello.protocolVersion == WorkerMessage.protocolVersion else {
            throw HoneError(
                .internalError,
                "It speaks version \(hello.protocolVersion) of the worker protocol, this program "
                    + "version \(WorkerMessage.protocolVersion): install both from one build."
            )
        }
        let greeters: [CheckedContinuation<HoneError?, Never>] = state.withLock { state in
            _ = state.pending.greet()
            defer { state.greeters = [] }
            return state.greeters
        }
        for greeter in greeters { greeter.resume(returning: nil) }
    }

    /// Tells everyone who waits; the request whose deadline passed gets an error of its own.
    private func bury(_ error: HoneError, ending: WorkerEnding) {
        let (waiters, greeters) = state.withLock { state in
            state.obituary = error
            state.observers = [:]
            state.death = HoneError(.workerLost, error.message, param: role)
            defer { state.greeters = [] }
            return (state.pending.removeAll(), state.greeters)
        }
        let later = HoneError(.workerLost, error.message, param: role)
        for (index, waiter) in waiters.enumerated() {
            waiter.resume(returning: .failure(index == 0 ? error : later))
        }
        for greeter in greeters { greeter.resume(returning: error) }
        isGone.open()
    }

    // MARK: Shutdown

    /// Blocks until the worker is gone.
    private func end() {
        let isFirst = state.withLock { state in
            defer { state.isShuttingDown = true }
            return !state.isShuttingDown && state.death == nil
        }
        if isFirst {
            writes.async {
                guard let frame = try? Frame(.request(id: Self.shutdownID, .shutdown)) else {
                    return
                }
                try? self.socket.send(frame, timeout: self.timing.shutdownGrace)
            }
        }
        if isGone.wait(timing.shutdownGrace) { return }
        process.signal(SIGTERM)
        if isGone.wait(timing.shutdownGrace) { return }
        process.signal(SIGKILL)
        _ = isGone.wait(timing.shutdownGrace + timing.exitGrace)
    }
}
