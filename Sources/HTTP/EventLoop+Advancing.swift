import Glibc
import Telemetry

/// Steps of connections, and what they call for.
extension EventLoop {
    /// Steps, sends, and steps again until nothing moves.
    func advance(_ connection: Connection) {
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
            let hadFile = connection.file != nil
            guard connection.flush(now: now) else { return drop(connection) }
            let endedFile = hadFile && connection.file == nil
            if connection.machine.output.count < before || endedFile { isMoving = true }
        }
        recordServed(connection)
        updateInterest(connection)
    }

    func makeContext() -> ConnectionContext {
        surroundings.now = now
        surroundings.dateLine = clock.dateLine()
        return surroundings
    }

    func perform(
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
        case .spool(let file, let bytes): spool(bytes, to: file, connection)
        case .openFile(let path):
            guard let length = connection.openFile(path) else {
                core.log.error("cannot open a file to send", ["path": path])
                return connection.machine.refuseFile(core.error(500, "the file cannot be read"))
            }
            if !connection.machine.startFile(length: length, context) { connection.closeFile() }
        }
    }

    func recordServed(_ connection: Connection) {
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

    func updateInterest(_ connection: Connection) {
        guard self.connection(connection.token) != nil else { return }
        var interest: Poller.Interest = []
        if connection.lingersUntil != nil || connection.machine.wantsInput {
            interest.insert(.read)
        }
        if !connection.machine.peerHasEnded, !connection.peerEndIsNear { interest.insert(.peerEnd) }
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

    /// Half-closes, so that a client that is still sending gets to read its reply.
    func finish(_ connection: Connection) {
        recordServed(connection)
        guard !connection.machine.peerHasEnded else { return drop(connection) }
        shutdown(connection.descriptor, Int32(SHUT_WR))
        // At shutdown the clients are mostly idle ones that do not look at their sockets.
        let timeout = core.configuration.lingerTimeout.nanoseconds
        let isStopping = connection.machine.isDraining
        connection.lingersUntil = now &+ (isStopping ? min(timeout, 100_000_000) : timeout)
        updateInterest(connection)
    }

    func drop(_ connection: Connection) {
        guard self.connection(connection.token) != nil else { return }
        recordServed(connection)
        connection.abandon()
        poller.remove(connection.descriptor)
        connections[Int(connection.descriptor)] = nil
        connectionCount -= 1
        metrics?.connections.add(-1)
    }
}
