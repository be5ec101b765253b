import Domain
import Foundation
import Synchronization
import WorkerProtocol

@testable import Scheduling

/// A process that is a flag: "killed" by a signal, which also ends its socket.
final class FakeChild: ChildProcess {
    let processID: Int32 = 4242
    let lastLines: [String]
    private let socket: FrameSocket
    private let cause = Mutex<ExitCause?>(nil)
    private let hasEnded = Latch()

    init(socket: FrameSocket, lastLines: [String] = []) {
        self.socket = socket
        self.lastLines = lastLines
    }

    var exitCause: ExitCause? { cause.withLock { $0 } }

    /// Ends it as by itself.
    func exit(_ how: ExitCause) {
        cause.withLock { $0 = $0 ?? how }
        socket.shutDown()
        hasEnded.open()
    }

    func signal(_ signal: Int32) { exit(.killed(signal: signal)) }

    func waitForExit(timeout: Duration) -> ExitCause? {
        _ = hasEnded.wait(timeout)
        return exitCause
    }
}

/// A handler made of a closure.
struct ClosureHandler: WorkerHandler {
    let body: @Sendable (WorkerRequest, WorkerProgress) throws -> WorkerReply
    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply {
        try body(request, progress)
    }
}

/// A supervised worker whose other end runs on a thread of the test.
struct InProcessWorker {
    let port: ProcessWorker
    let child: FakeChild
    /// The worker's end of the connection.
    let workerEnd: FrameSocket

    /// A worker with a server behind it.
    static func serving(
        timing: WorkerTiming = .quick,
        _ body: @escaping @Sendable (WorkerRequest, WorkerProgress) throws -> WorkerReply
    ) async throws -> InProcessWorker {
        let worker = try unserved(timing: timing)
        let server = WorkerServer(
            socket: worker.workerEnd,
            heartbeatInterval: .milliseconds(5),
            onDisconnect: { _ in }
        )
        let child = worker.child
        Thread {
            try? server.run(handler: ClosureHandler(body: body))
            child.exit(.exited(code: 0))
        }.start()
        try await worker.port.waitForHello()
        return worker
    }

    /// A worker with nothing behind its socket but the test.
    static func unserved(
        timing: WorkerTiming = .quick,
        lastLines: [String] = []
    ) throws -> InProcessWorker {
        let (ours, theirs) = try FrameSocket.pair()
        let child = FakeChild(socket: theirs, lastLines: lastLines)
        let port = ProcessWorker(
            role: "policy",
            restarts: 0,
            socket: ours,
            process: child,
            timing: timing
        )
        return InProcessWorker(port: port, child: child, workerEnd: theirs)
    }

    /// Says hello by hand.
    func greet(version: Int = WorkerMessage.protocolVersion) throws {
        let hello = WorkerMessage.Hello(
            protocolVersion: version,
            processID: child.processID,
            rank: 0,
            size: 1
        )
        try workerEnd.send(Frame(.hello(hello)))
    }
}

extension FrameSocket {
    /// The next frames, waited for on a thread of their own: a test that blocked one of the few
    /// threads that all tests share would keep the others from what it waits for.
    func receiveFrames() async throws(HoneError) -> [Frame] {
        let result: Result<[Frame], HoneError> = await withCheckedContinuation { waiter in
            Thread { waiter.resume(returning: self.blockingFrames()) }.start()
        }
        return try result.get()
    }

    private func blockingFrames() -> Result<[Frame], HoneError> {
        do throws(HoneError) {
            while true {
                switch try receive(timeout: .seconds(30)) {
                case .frames(let frames): return .success(frames)
                case .partOfFrame: continue
                case .silence, .closed:
                    return .failure(HoneError(.workerLost, "No frame came."))
                }
            }
        } catch {
            return .failure(error)
        }
    }
}

extension WorkerPort {
    /// The first status that meets the condition, or the last of a dead worker.
    func status(when isMet: (WorkerStatus) -> Bool) async throws -> WorkerStatus {
        while true {
            let status = await status
            if isMet(status) || status.state == .dead { return status }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

extension WorkerTiming {
    /// Generous limits, looked at often: what must not happen cannot, what must does soon.
    static var quick: WorkerTiming {
        var timing = WorkerTiming()
        timing.tick = .milliseconds(5)
        return timing
    }
}
