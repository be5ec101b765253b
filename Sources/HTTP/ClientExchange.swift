import Synchronization

/// One request of the client and its reply, on one connection.
final class ClientExchange: Sendable {
    private struct State {
        var parser: ResponseParser
        var head: ResponseParser.Head?
        var isOver = false
        var isGivenBack = false
    }

    private let connection: ClientConnection
    private let key: ConnectionPool.Key
    private let pool: ConnectionPool
    private let threads: BlockingPool
    private let limit: Int
    private let state: Mutex<State>

    init(
        _ connection: ClientConnection,
        _ request: ClientRequest,
        _ configuration: HTTPClient.Configuration,
        _ pool: ConnectionPool,
        _ threads: BlockingPool
    ) {
        self.connection = connection
        self.pool = pool
        self.threads = threads
        key = ConnectionPool.Key(host: request.url.host, port: request.url.port)
        limit = configuration.limits.bodyBytes
        state = Mutex(
            State(parser: ResponseParser(method: request.method, limits: configuration.limits))
        )
    }

    /// The reply's head; an empty 500 before `begin` has returned.
    var head: ResponseParser.Head {
        state.withLock { $0.head } ?? ResponseParser.Head(status: 500, minorVersion: 1)
    }

    /// Sends the request and waits for the head of the reply.
    func begin(_ request: ClientRequest, deadline: UInt64) async throws {
        try await onThread {
            try self.connection.send(request.encoded, deadline: deadline)
            while true {
                let count = try self.receive(deadline: deadline)
                let head = try self.parse { parser throws(HTTPParseError) in try parser.nextHead() }
                if let head {
                    self.state.withLock { $0.head = head }
                    return
                }
                guard count > 0 else { throw HTTPClientError.closedEarly }
            }
        }
    }

    /// The next piece of the body, or nil at its end.
    func next(deadline: UInt64) async throws -> [UInt8]? {
        defer { giveBack() }
        // What came with the head or the piece before needs no thread.
        if let ready = try takeReady() { return ready }
        guard !state.withLock({ $0.isOver }) else { return nil }
        return try await onThread {
            while true {
                let count = try self.receive(deadline: deadline)
                if let piece = try self.takeReady() { return piece }
                if self.state.withLock({ $0.isOver }) { return nil }
                guard count > 0 else { return try self.end() }
            }
        }
    }

    /// The connection's end is the body's end only if the framing says so.
    private func end() throws -> [UInt8]? {
        let mayEnd = state.withLock { state in
            state.isOver = true
            return state.parser.mayEnd
        }
        guard mayEnd else { throw HTTPClientError.closedEarly }
        return nil
    }

    private func takeReady() throws -> [UInt8]? {
        let piece = try parse { parser throws(HTTPParseError) in try parser.takeBody() }
        state.withLock { if $0.parser.isComplete { $0.isOver = true } }
        return piece.isEmpty ? nil : piece
    }

    /// Gives the connection to the next request once the reply is whole.
    ///
    /// Not done within `onThread`, whose cancellation would hit that next request.
    private func giveBack() {
        let mayReuse: Bool = state.withLock { state in
            guard state.parser.isComplete, !state.isGivenBack else { return false }
            state.isGivenBack = true
            return state.head?.keepsAlive == true && !state.parser.hasExcess
        }
        if mayReuse { pool.give(connection, key) }
    }

    private func receive(deadline: UInt64) throws -> Int {
        try connection.receive(deadline: deadline) { bytes in
            state.withLock { $0.parser.feed(bytes) }
        }
    }

    private func parse<Result: Sendable>(
        _ body: (inout ResponseParser) throws(HTTPParseError) -> Result
    ) throws(HTTPClientError) -> Result {
        do throws(HTTPParseError) {
            return try state.withLock { (state) throws(HTTPParseError) in try body(&state.parser) }
        } catch {
            throw error.status == 413 ? .tooLong(limit: limit) : .invalidResponse(error.message)
        }
    }

    /// Runs on a thread of the client; cancellation of the task ends its waits.
    private func onThread<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        do {
            return try await withTaskCancellationHandler {
                try await threads.run(body)
            } onCancel: {
                connection.cancel()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }
}
