import CLinux
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
        case taskEnded
        case shutdown
    }

    let core: ServerCore
    let poller: Poller
    private let mailbox = Mutex<[Message]>([])
    private var listeners: [Listener]
    /// Indexed by descriptor; the upper half of a token tells generations apart.
    private var connections: [Connection?] = []
    private var connectionCount = 0
    private var generation: UInt64 = 0
    private var clock = ServerClock()
    private var requestIDs = RequestID()
    private var metrics: ServerMetrics?
    private var readBuffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var liveTasks = 0
    private var now: UInt64 = 0
    private var nextSweep: UInt64 = 0
    private var acceptsAgainAt: UInt64?
    private var stopsAt: UInt64?

    init(core: ServerCore, listeners: [Listener]) throws(HTTPServerError) {
        self.core = core
        self.listeners = listeners
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

    private var isOver: Bool {
        guard let stopsAt else { return false }
        if connectionCount == 0 && liveTasks == 0 { return true }
        return now >= stopsAt &+ 1_000_000_000
    }

    private var waitMilliseconds: Int32 {
        guard connectionCount > 0 || stopsAt != nil || acceptsAgainAt != nil else { return 60_000 }
        return now >= nextSweep ? 0 : Int32((nextSweep - now) / 1_000_000 + 1)
    }

    private func handle(_ token: UInt64, _ interest: Poller.Interest) {
        if token == Poller.wakeToken { return }
        if token < UInt64(listeners.count) { return accept(listeners[Int(token)]) }
        guard let connection = connection(token) else { return }
        if !interest.isDisjoint(with: .failure) { return drop(connection) }
        if interest.contains(.read) {
            guard receive(connection) else { return drop(connection) }
        } else if interest.contains(.peerEnd) {
            clientEnded(connection)
        }
        advance(connection)
    }

    private func connection(_ token: UInt64) -> Connection? {
        let slot = Int(token & 0xFFFF_FFFF)
        guard slot < connections.count, let connection = connections[slot],
            connection.token == token
        else { return nil }
        return connection
    }

    // MARK: Accepting

    private func setAccepting(_ isOn: Bool) {
        for (index, listener) in listeners.enumerated() {
            if isOn {
                try? poller.add(listener.descriptor, .read, token: UInt64(index))
            } else {
                poller.remove(listener.descriptor)
            }
        }
    }

    private func accept(_ listener: Listener) {
        for _ in 0..<64 {
            let descriptor = clinux_accept(listener.descriptor)
            guard descriptor >= 0 else {
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseAccepting() }
                return
            }
            open(descriptor, isTCP: listener.port != nil)
        }
    }

    /// Out of descriptors: the waiting client stays in the backlog until some are free.
    private func pauseAccepting() {
        core.log.warning("out of descriptors; accepting is paused", [:])
        setAccepting(false)
        acceptsAgainAt = now &+ 200_000_000
        nextSweep = min(nextSweep, now &+ 200_000_000)
    }

    private func open(_ descriptor: Int32, isTCP: Bool) {
        guard connectionCount < core.configuration.maxConnections else {
            return refuse(descriptor)
        }
        if isTCP {
            SystemCall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            SystemCall.setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
            SystemCall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        }
        // The generation starts at 1, so that no token is a listener's.
        generation = (generation + 1) & 0x7FFF_FFFF
        if generation == 0 { generation = 1 }
        let connection = Connection(
            descriptor: descriptor,
            token: generation << 32 | UInt64(descriptor),
            machine: ConnectionMachine(configuration: core.configuration, now: now)
        )
        connection.interest = [.read, .peerEnd]
        guard (try? poller.add(descriptor, connection.interest, token: connection.token)) != nil
        else { return }
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        connectionCount += 1
        metrics?.connections.add(1)
        // One sweep interval after the first connection, deadlines are looked at again.
        if connectionCount == 1 { nextSweep = min(nextSweep, now &+ sweepInterval) }
    }

    /// One attempt to say 503, then the socket is closed.
    private func refuse(_ descriptor: Int32) {
        var reply: [UInt8] = []
        let response = core.error(503, "too many connections; try again later")
        let length = if case .bytes(let bytes) = response.body { bytes.count } else { 0 }
        let context = ResponseEncoder.Context(
            requestID: requestIDs.next(),
            minorVersion: 1,
            keepsAlive: false,
            framing: .length(length),
            dateLine: clock.dateLine()
        )
        ResponseEncoder.appendHead(response, context, to: &reply)
        if case .bytes(let bytes) = response.body { reply += bytes }
        _ = send(descriptor, reply, reply.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        // What the client has sent already would turn the close into a reset that eats the reply.
        _ = readBuffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        close(descriptor)
    }

    // MARK: Receiving

    /// Reads a few times at most, so that one busy client does not starve others; false if it is gone.
    private func receive(_ connection: Connection) -> Bool {
        for _ in 0..<4 where connection.machine.wantsInput || connection.lingersUntil != nil {
            let result = readBuffer.withUnsafeMutableBytes { buffer in
                SystemCall.transfer {
                    recv(connection.descriptor, buffer.baseAddress, buffer.count, 0)
                }
            }
            switch result {
            case .moved(0):
                guard connection.lingersUntil == nil else { return false }
                clientEnded(connection)
                return true
            case .moved(let count):
                guard connection.lingersUntil == nil else { continue }
                readBuffer.withUnsafeBytes {
                    let bytes = UnsafeRawBufferPointer(rebasing: $0[..<count])
                    connection.machine.receive(bytes, now: now)
                }
                if count < readBuffer.count { return true }
                // Steps in between keep the parser's buffer to one reading.
                advance(connection)
                guard self.connection(connection.token) != nil else { return true }
            case .wouldBlock: return true
            case .failed: return false
            }
        }
        return true
    }

    /// The client has closed its side: streams end, handlers that want it are cancelled.
    private func clientEnded(_ connection: Connection) {
        connection.machine.receiveEnd()
        if connection.machine.isSendingStream { return drop(connection) }
        for (_, entry) in connection.tasks where entry.isAbandonable { entry.task.cancel() }
    }

    // MARK: Advancing

    /// Steps, sends, and steps again until nothing moves.
    private func advance(_ connection: Connection) {
        guard connection.lingersUntil == nil, self.connection(connection.token) != nil else {
            return
        }
        let context = makeContext()
        var isMoving = true
        while isMoving {
            isMoving = false
            while let action = connection.machine.step(context) {
                isMoving = true
                if case .finish = action { return finish(connection) }
                perform(action, connection, context)
            }
            if pullStream(connection) { isMoving = true }
            let before = connection.machine.output.count
            guard connection.flush(now: now) else { return drop(connection) }
            if connection.machine.output.count < before { isMoving = true }
        }
        recordServed(connection)
        updateInterest(connection)
    }

    private func makeContext() -> ConnectionContext {
        ConnectionContext(
            now: now,
            dateLine: clock.dateLine(),
            admit: { [unowned self] in core.admit($0) { self.requestIDs.next() } },
            makeRequestID: { [unowned self] in requestIDs.next() },
            renderError: { [unowned self] in core.error($0, $1) }
        )
    }

    private func perform(
        _ action: ConnectionMachine.Action,
        _ connection: Connection,
        _ context: ConnectionContext
    ) {
        switch action {
        case .finish: break
        case .dispatch(let sequence, let request, let route):
            dispatch(sequence, request, route, connection)
        case .startStream(let response, let produce):
            startStream(response, produce, connection)
        case .openFile(let path):
            guard let length = connection.openFile(path) else {
                core.log.error("cannot open a file to send", ["path": path])
                return connection.machine.refuseFile(core.error(500, "the file cannot be read"))
            }
            if !connection.machine.startFile(length: length, context) { connection.closeFile() }
        }
    }

    private func dispatch(
        _ sequence: UInt64,
        _ request: HTTPRequest,
        _ route: Route,
        _ connection: Connection
    ) {
        switch route.handler {
        case .immediate(let handle): connection.machine.complete(sequence, handle(request))
        case .async(let handle):
            liveTasks += 1
            let token = connection.token
            let task = Task { [self] in
                let response = await handle(request)
                post(.completed(token: token, sequence: sequence, response))
            }
            connection.tasks[sequence] = (task, route.cancelsWhenClientLeaves)
        }
    }

    private func startStream(
        _ response: HTTPResponse,
        _ produce: @escaping @Sendable (ResponseWriter) async throws -> Void,
        _ connection: Connection
    ) {
        guard !connection.machine.peerHasEnded else { return drop(connection) }
        let token = connection.token
        let highWater = core.configuration.outputHighWater
        let writer = ResponseWriter(highWater: highWater) { [weak self] in
            self?.post(.streamReady(token: token))
        }
        liveTasks += 1
        let task = Task { [self] in
            do {
                try await produce(writer)
                writer.end(.complete)
            } catch {
                writer.end(.failed)
            }
            post(.taskEnded)
        }
        connection.stream = (writer, task, response)
        connection.lastStreamedAt = now
        if connection.machine.isDraining, response.heartbeatInterval != nil { task.cancel() }
    }

    /// Moves what a stream has written to the output if there is room; whether anything moved.
    private func pullStream(_ connection: Connection) -> Bool {
        guard let stream = connection.stream, connection.machine.hasRoom else { return false }
        let (bytes, ending) = stream.writer.take()
        if !bytes.isEmpty {
            connection.machine.appendStream(bytes, now: now)
            connection.lastStreamedAt = now
        }
        switch ending {
        case .open: return !bytes.isEmpty
        case .failed where !connection.machine.isDraining:
            // Without its last chunk the client can tell that the body is not whole.
            _ = connection.flush(now: now)
            drop(connection)
            return false
        case .complete, .failed:
            connection.machine.endStream(now: now)
            connection.stream = nil
            return true
        }
    }

    private func recordServed(_ connection: Connection) {
        guard !connection.machine.served.isEmpty else { return }
        for served in connection.machine.served {
            metrics?.record(served)
            core.log.debug(
                "answered",
                ["request_id": served.requestID, "status": String(served.status.rawValue)]
            )
        }
        connection.machine.served.removeAll(keepingCapacity: true)
    }

    private func updateInterest(_ connection: Connection) {
        guard self.connection(connection.token) != nil else { return }
        var interest: Poller.Interest = []
        if connection.lingersUntil != nil || connection.machine.wantsInput {
            interest.insert(.read)
        }
        if !connection.machine.peerHasEnded { interest.insert(.peerEnd) }
        if !connection.machine.output.isEmpty || connection.file != nil { interest.insert(.write) }
        guard interest != connection.interest else { return }
        connection.interest = interest
        let changed: Void? = try? poller.change(
            connection.descriptor,
            interest,
            token: connection.token
        )
        if changed == nil { drop(connection) }
    }

    // MARK: Ending

    /// Half-closes, so that a client that is still sending gets to read its reply.
    private func finish(_ connection: Connection) {
        recordServed(connection)
        guard !connection.machine.peerHasEnded else { return drop(connection) }
        shutdown(connection.descriptor, Int32(SHUT_WR))
        // At shutdown the clients are mostly idle ones that do not look at their sockets.
        let timeout = core.configuration.lingerTimeout.nanoseconds
        let isStopping = connection.machine.isDraining
        connection.lingersUntil = now &+ (isStopping ? min(timeout, 100_000_000) : timeout)
        updateInterest(connection)
    }

    private func drop(_ connection: Connection) {
        guard self.connection(connection.token) != nil else { return }
        recordServed(connection)
        connection.abandon()
        poller.remove(connection.descriptor)
        connections[Int(connection.descriptor)] = nil
        connectionCount -= 1
        metrics?.connections.add(-1)
    }

    // MARK: Messages and deadlines

    private func readMailbox() {
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
            case .taskEnded: liveTasks -= 1
            case .shutdown: beginShutdown()
            }
        }
    }

    private func beginShutdown() {
        guard stopsAt == nil else { return }
        stopsAt = now &+ core.configuration.shutdownTimeout.nanoseconds
        nextSweep = now
        setAccepting(false)
        acceptsAgainAt = nil
        for connection in connections.compactMap({ $0 }) {
            connection.machine.beginDraining()
            // An event stream has no end of its own.
            if let stream = connection.stream, stream.response.heartbeatInterval != nil {
                stream.task.cancel()
            }
            advance(connection)
        }
    }

    private var sweepInterval: UInt64 {
        let configuration = core.configuration
        let shortest = [
            configuration.headerTimeout, configuration.bodyIdleTimeout, configuration.idleTimeout,
            configuration.writeTimeout, configuration.lingerTimeout,
        ].map(\.nanoseconds).min()
        return max(10_000_000, min((shortest ?? 0) / 4, 500_000_000))
    }

    /// Looks at every deadline; a few nanoseconds a connection, a few times a second.
    private func sweep() {
        nextSweep = now &+ (stopsAt == nil ? sweepInterval : min(sweepInterval, 20_000_000))
        if let again = acceptsAgainAt, now >= again {
            acceptsAgainAt = nil
            setAccepting(true)
        }
        let isPastStop = stopsAt.map { now >= $0 } ?? false
        let context = makeContext()
        for case let connection? in connections {
            if isPastStop {
                drop(connection)
            } else if let until = connection.lingersUntil {
                if now >= until { drop(connection) }
            } else {
                expire(connection, context)
            }
        }
    }

    private func expire(_ connection: Connection, _ context: ConnectionContext) {
        switch connection.machine.expire(context) {
        case .abort: drop(connection)
        case .stepAgain(let cancelled):
            if let cancelled { connection.tasks[cancelled]?.task.cancel() }
            advance(connection)
        case .none: beat(connection)
        }
    }

    /// Sends a stream's heartbeat when it has been silent for long.
    private func beat(_ connection: Connection) {
        guard let stream = connection.stream, let interval = stream.response.heartbeatInterval,
            connection.machine.output.isEmpty,
            now &- connection.lastStreamedAt >= interval.nanoseconds
        else { return }
        connection.lastStreamedAt = now
        connection.machine.appendStream(stream.response.heartbeat, now: now)
        advance(connection)
    }
}
