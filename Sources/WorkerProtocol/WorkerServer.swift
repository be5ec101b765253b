public import Domain
import Foundation
import Synchronization

/// A worker's side of the connection: says hello, answers requests in order, and shows that it
/// lives once a second whatever it is doing.
///
/// Three threads: the caller's does the work, one reads (so that the end of the daemon is noticed
/// in the middle of work), one sends heartbeats.
public struct WorkerServer: Sendable {
    /// Why the connection is over.
    public enum Disconnection: Sendable, Hashable {
        /// The daemon closed it or died.
        case closed
        /// What came over it made no sense.
        case broken(HoneError)
    }

    /// How often a heartbeat is sent.
    public static let heartbeatInterval = Duration.seconds(1)

    private let socket: FrameSocket
    private let heartbeatInterval: Duration
    private let onDisconnect: @Sendable (Disconnection) -> Void
    private let progress = WorkerProgress()
    private let inbox = RequestInbox()
    private let isFinished = Latch()

    /// A server on a socket; tests choose the interval and survive the disconnection.
    package init(
        socket: FrameSocket,
        heartbeatInterval: Duration,
        onDisconnect: @escaping @Sendable (Disconnection) -> Void
    ) {
        self.socket = socket
        self.heartbeatInterval = heartbeatInterval
        self.onDisconnect = onDisconnect
    }

    /// Serves requests on the calling thread until a `.shutdown` request is answered.
    ///
    /// When the daemon goes away the process exits at once, even in the middle of work: everything
    /// that a worker publishes it renames into place whole.
    /// - Parameters:
    ///   - fileDescriptor: The worker's end of a connected stream socket; taken over.
    ///   - handler: What does the work.
    /// - Throws: `.workerLost` when the daemon cannot even be greeted.
    public static func run(
        fileDescriptor: Int32,
        handler: any WorkerHandler
    ) throws(HoneError) {
        let server = WorkerServer(
            socket: FrameSocket(fileDescriptor: fileDescriptor),
            heartbeatInterval: heartbeatInterval,
            onDisconnect: exitProcess
        )
        try server.run(handler: handler)
    }

    /// Serves until a `.shutdown` request is answered or the connection is over.
    package func run(handler: any WorkerHandler) throws(HoneError) {
        try socket.send(Frame(.hello(greeting)))
        startThread("hone-reader", readRequests)
        startThread("hone-heartbeat", sendHeartbeats)
        defer {
            isFinished.open()
            socket.shutDown()
        }
        while let (id, request) = inbox.take() {
            if case .shutdown = request {
                return reply(.done, to: id)
            }
            progress.begin(request.name)
            let answer = answer(request, handler: handler)
            progress.finish()
            reply(answer, to: id)
        }
    }

    private var greeting: WorkerMessage.Hello {
        .init(
            protocolVersion: WorkerMessage.protocolVersion,
            processID: getpid(),
            rank: 0,
            size: 1
        )
    }

    private func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    // MARK: Work

    private func answer(_ request: WorkerRequest, handler: any WorkerHandler) -> WorkerReply {
        do {
            return try handler.handle(request, progress: progress)
        } catch let error as HoneError {
            return .failed(error)
        } catch {
            return .failed(HoneError(.internalError, "\(request.name) failed: \(error)"))
        }
    }

    /// Sends a reply, or why there can be none: one too large for a frame is the caller's to mend.
    private func reply(_ reply: WorkerReply, to id: Int) {
        do throws(HoneError) {
            let frame: Frame
            do throws(HoneError) {
                frame = try Frame(.reply(id: id, reply))
            } catch {
                frame = try Frame(.reply(id: id, .failed(error)))
            }
            try socket.send(frame)
        } catch {
            disconnect(.closed)
        }
    }

    // MARK: The other threads

    private func readRequests() {
        while !isFinished.isOpen {
            do throws(HoneError) {
                switch try socket.receive(timeout: .seconds(1)) {
                case .frames(let frames): for frame in frames { try accept(frame) }
                case .partOfFrame, .silence: continue
                case .closed: return disconnect(.closed)
                }
            } catch {
                return disconnect(.broken(error))
            }
        }
    }

    private func accept(_ frame: Frame) throws(HoneError) {
        guard case .request(let id, let request) = try frame.message() else {
            throw HoneError(.internalError, "Only requests go from the daemon to a worker.")
        }
        inbox.put((id, request))
    }

    private func sendHeartbeats() {
        while !isFinished.wait(heartbeatInterval) {
            let now = progress.snapshot
            let heartbeat = WorkerMessage.Heartbeat(
                activity: now.activity,
                completed: now.completed,
                total: now.total,
                residentBytes: residentBytes()
            )
            do throws(HoneError) {
                try socket.send(Frame(.heartbeat(heartbeat)))
            } catch {
                return disconnect(.closed)
            }
        }
    }

    private func disconnect(_ disconnection: Disconnection) {
        guard !isFinished.isOpen else { return }
        onDisconnect(disconnection)
        inbox.close()
    }
}

/// Ends the process without unwinding the working thread, saying so where it is not expected.
private func exitProcess(_ disconnection: WorkerServer.Disconnection) {
    if case .broken(let error) = disconnection {
        let line = "hone-worker: the connection to the daemon broke: \(error.message)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        _exit(EX_PROTOCOL)
    }
    _exit(EXIT_SUCCESS)
}
