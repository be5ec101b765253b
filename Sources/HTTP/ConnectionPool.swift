import Synchronization

/// Idle connections by host and port, the youngest used first.
final class ConnectionPool: Sendable {
    struct Key: Hashable, Sendable {
        let host: String
        let port: Int
    }

    private let idle = Mutex<[Key: [ClientConnection]]>([:])
    private let maxIdle: Int
    private let maxAge: UInt64

    init(maxIdle: Int, maxAge: Duration) {
        self.maxIdle = maxIdle
        self.maxAge = maxAge.nanoseconds
    }

    func take(_ key: Key) -> ClientConnection? {
        let now = ServerClock.now()
        let maxAge = maxAge
        return idle.withLock { idle in
            while let connection = idle[key]?.popLast() {
                guard now &- connection.idleSince < maxAge, !connection.isStale else { continue }
                return connection
            }
            idle[key] = nil
            return nil
        }
    }

    func give(_ connection: ClientConnection, _ key: Key) {
        connection.idleSince = ServerClock.now()
        let maxIdle = maxIdle
        idle.withLock { idle in
            var list = idle[key] ?? []
            guard list.count < maxIdle else { return }
            list.append(connection)
            idle[key] = list
        }
    }
}
