public import Domain
import Foundation
import Synchronization

/// A worker's side of the connection: says hello, answers requests, and shows that it lives once a
/// second whatever it is doing.
///
/// Requests are done in the order they come, one at a time. Those that share their work run
/// together: they join between two steps of the others, until one that does not share is next.
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
        work(with: handler)
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

    /// The life of the working thread: requests one after another, but those that share their work
    /// together, a step at a time.
    private func work(with handler: any WorkerHandler) {
        var shared: Set<Int> = []
        while !inbox.isClosed {
            for id in inbox.takeCancelled() where shared.remove(id) != nil {
                handler.drop(id: id)
                reply(.failed(Self.cancelled), to: id)
            }
            if shared.isEmpty {
                progress.finish()
                guard let (id, request) = inbox.take() else { return }
                if case .shutdown = request { return reply(.done, to: id) }
                progress.begin(request.name)
                if begin(request, id, handler) { shared.insert(id) }
                continue
            }
            while let (id, request) = inbox.takeSharing() {
                if begin(request, id, handler) { shared.insert(id) }
            }
            let answers = handler.advance(progress: progress)
            for (id, tokens) in handler.takeDrawn() { tell(tokens, of: id) }
            for answer in answers {
                shared.remove(answer.id)
                reply(Self.reply(answer.result, "sample"), to: answer.id)
            }
        }
    }

    /// Has the handler take a request up, or does it whole; whether it is under way now.
    private func begin(_ request: WorkerRequest, _ id: Int, _ handler: any WorkerHandler) -> Bool {
        let result = Result { () -> WorkerReply? in
            if request.sharesWork, try handler.begin(request, id: id) { return nil }
            return try handler.handle(request, progress: progress)
        }
        if case .success(.none) = result { return true }
        reply(Self.reply(result.map { $0 ?? .done }, request.name), to: id)
        return false
    }

    private static func reply(
        _ result: Result<WorkerReply, any Error>,
        _ name: String
    ) -> WorkerReply {
        switch result {
        case .success(let reply): reply
        case .failure(let error as HoneError): .failed(error)
        case .failure(let error):
            .failed(HoneError(.internalError, "\(name) failed: \(error)"))
        }
    }

    private static let cancelled = HoneError(
        .conflict,
        "The request was cancelled before it was done."
    )

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

    /// Sends what was drawn for a request that is under way.
    private func tell(_ tokens: [DrawnToken], of id: Int) {
        do throws(HoneError) {
            try socket.send(Frame(.drawn(id: id, tokens)))
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
        switch try frame.message() {
        case .request(let id, let request): inbox.put((id, request))
        case .cancel(let id):
            if inbox.cancel(id: id) { reply(.failed(Self.cancelled), to: id) }
        case .hello, .reply, .drawn, .heartbeat:
            throw HoneError(.internalError, "Only requests go from the daemon to a worker.")
        }
    }

    private func sendHeartbeats() {
        while !isFinished.wait(heartbeatInterval) {
            let now = progress.snapshot
            let heartbeat = WorkerMessage.Heartbeat(
                activity: now.activity,
                completed: now.completed,
                total: now.total,
                residentBytes: residentBytes(),
                sampling: progress.sampling
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
