/// What happens when nothing happens.
extension EventLoop {
    var sweepInterval: UInt64 {
        let configuration = core.configuration
        let shortest = [
            configuration.headerTimeout, configuration.bodyIdleTimeout, configuration.idleTimeout,
            configuration.writeTimeout, configuration.lingerTimeout, configuration.bodyPaceWindow,
        ].map(\.nanoseconds).min()
        return max(10_000_000, min((shortest ?? 0) / 4, 500_000_000))
    }

    /// Looks at every deadline; a few nanoseconds a connection, a few times a second.
    func sweep() {
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

    func expire(_ connection: Connection, _ context: ConnectionContext) {
        switch connection.machine.expire(context) {
        case .abort:
            // What a client that stands still was sent must not stay in the kernel after it.
            if !connection.machine.output.isEmpty { connection.discardUnsent() }
            drop(connection)
        case .stepAgain(let cancelled):
            if let cancelled { connection.tasks[cancelled]?.task.cancel() }
            advance(connection)
        case .none: beat(connection)
        }
    }

    /// Sends a stream's heartbeat when it has been silent for long.
    func beat(_ connection: Connection) {
        guard let stream = connection.stream, let interval = stream.response.heartbeatInterval,
            connection.machine.output.isEmpty,
            now &- connection.lastStreamedAt >= interval.nanoseconds
        else { return }
        connection.lastStreamedAt = now
        connection.machine.appendStream(stream.response.heartbeat, now: now)
        advance(connection)
    }
}
