import Glibc
import Synchronization
import Telemetry

/// The shell of all connections of a server: one thread, one epoll, level-triggered.
///
/// Handlers and streams run in tasks that this loop starts one by one (a task group cannot cancel a
/// single child) and counts; `run` returns only when all have ended or were cancelled and given a second.
final class EventLoop: @unchecked Sendable {
    // Sendable: `mailbox` is a Mutex and `poller.wake` is thread-safe; everything else is touched by
    // the loop's own thread only, after `run` has begun there.

    enum Message: Sendable {
        case completed(token: UInt64, sequence: UInt64, HTTPResponse)
        case streamReady(token: UInt64)
        case spooled(token: UInt64, HTTPServerError?)
        case taskEnded
        case shutdown
    }

    let core: ServerCore
    let poller: Poller
    let mailbox = Mutex<[Message]>([])
    var listeners: [Listener]
    /// Indexed by descriptor; the upper half of a token tells generations apart.
    var connections: [Connection?] = []
    var connectionCount = 0
    let maxConnections: Int
    var generation: UInt64 = 0
    var clock = ServerClock()
    var requestIDs = RequestID()
    /// What `makeContext` completes; its closures are made once, not for each step.
    lazy var surroundings = ConnectionContext(
        now: 0,
        dateLine: [],
        admit: { [unowned self] in core.admit($0) { self.requestIDs.next() } },
        makeRequestID: { [unowned self] in requestIDs.next() },
        renderError: { [unowned self] in core.error($0, $1) },
        noRoom: { [unowned self] in core.noRoom }
    )
    var metrics: ServerMetrics?
    /// Where long bodies are written, so that a slow disk holds up nobody else.
    let disk = BlockingPool("http-disk", limit: 2)
    var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
    var liveTasks = 0
    var now: UInt64 = 0
    var nextSweep: UInt64 = 0
    var acceptsAgainAt: UInt64?
    var stopsAt: UInt64?

    init(core: ServerCore, listeners: [Listener]) throws(HTTPServerError) {
        self.core = core
        self.listeners = listeners
        maxConnections = DescriptorLimit.connections(upTo: core.configuration.maxConnections)
        poller = try Poller()
        metrics = core.metrics.map { ServerMetrics(registry: $0, routes: core.router.routes) }
    }

    /// Hands something to the loop from any thread.
    func post(_ message: Message) {
        let wasEmpty = mailbox.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { poller.wake() }
    }

    /// Serves until shut down; on its own thread.
    func run() {
        now = ServerClock.now()
        setAccepting(true)
        while !isOver {
            poller.wait(milliseconds: waitMilliseconds) { token, interest in
                now = ServerClock.now()
                handle(token, interest)
            }
            now = ServerClock.now()
            readMailbox()
            if now >= nextSweep { sweep() }
        }
        for connection in connections.compactMap({ $0 }) { drop(connection) }
        listeners = []
    }

    var isOver: Bool {
        guard let stopsAt else { return false }
        if connectionCount == 0 && liveTasks == 0 { return true }
        return now >= stopsAt &+ 1_000_000_000
    }

    var waitMilliseconds: Int32 {
        guard connectionCount > 0 || stopsAt != nil || acceptsAgainAt != nil else { return 60_000 }
        return now >= nextSweep ? 0 : Int32((nextSweep - now) / 1_000_000 + 1)
    }

    func handle(_ token: UInt64, _ interest: Poller.Interest) {
        if token == Poller.wakeToken { return }
        if token < UInt64(listeners.count) { return accept(listeners[Int(token)]) }
        guard let connection = connection(token) else { return }
        if !interest.isDisjoint(with: .failure) { return drop(connection) }
        if interest.contains(.read) {
            guard receive(connection) else { return drop(connection) }
        } else if interest.contains(.peerEnd) {
            // What was sent before the end, and is not read yet, still counts.
            if connection.hasUnreadInput {
                connection.peerEndIsNear = true
            } else {
                clientEnded(connection)
            }
        }
        advance(connection)
    }

    func connection(_ token: UInt64) -> Connection? {
        let slot = Int(token & 0xFFFF_FFFF)
        guard slot < connections.count, let connection = connections[slot],
            connection.token == token
        else { return nil }
        return connection
    }

    func readMailbox() {
        let messages = mailbox.withLock { messages in
            let taken = messages
            messages.removeAll(keepingCapacity: taken.count < 1024)
            return taken
        }
        for message in messages {
            switch message {
            case .completed(let token, let sequence, let response):
                liveTasks -= 1
                guard let connection = connection(token) else { continue }
                connection.tasks[sequence] = nil
                connection.machine.complete(sequence, response)
                advance(connection)
            case .streamReady(let token):
                if let connection = connection(token) { advance(connection) }
            case .spooled(let token, let failure):
                liveTasks -= 1
                guard let connection = connection(token) else { continue }
                connection.machine.spooled(failure, makeContext())
                advance(connection)
            case .taskEnded: liveTasks -= 1
            case .shutdown: beginShutdown()
            }
        }
    }

    func beginShutdown() {
        guard stopsAt == nil else { return }
        stopsAt = now &+ core.configuration.shutdownTimeout.nanoseconds
        nextSweep = now
        setAccepting(false)
        acceptsAgainAt = nil
        for connection in connections.compactMap({ $0 }) {
            connection.machine.beginDraining()
            if let stream = connection.stream, !stream.response.endsItself {
                stream.task.cancel()
            }
            advance(connection)
        }
    }
}
