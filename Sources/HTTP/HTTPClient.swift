/// A client for `http://`: connections are kept and used again, waits happen on threads of its own.
public final class HTTPClient: Sendable {
    /// Deadlines and limits.
    public struct Configuration: Sendable, Hashable {
        /// For a connection to come about, default 5 s.
        public var connectTimeout: Duration = .seconds(5)
        /// For a whole `send`, or the head of a `stream`, default 60 s.
        public var timeout: Duration = .seconds(60)
        /// Between two pieces of a stream, default 60 s.
        public var streamIdleTimeout: Duration = .seconds(60)
        /// Limits of each reply; default 64 MiB of body, streams included.
        public var limits = HTTPLimits()
        /// Idle connections kept for each host, default 16.
        public var maxIdleConnections = 16
        /// How long an idle connection is kept, default 30 s.
        public var idleConnectionLifetime: Duration = .seconds(30)
        /// Which addresses are connected to, whatever a name stands for.
        public var reach = AddressReach.anywhere
        /// Threads at most; each request or waiting stream takes one, default 64.
        public var maxThreads = 64

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let connections: ConnectionPool
    private let threads: BlockingPool

    /// Makes a client; nothing is opened.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        connections = ConnectionPool(
            maxIdle: configuration.maxIdleConnections,
            maxAge: configuration.idleConnectionLifetime
        )
        threads = BlockingPool("http-client", limit: configuration.maxThreads)
    }

    /// Sends a request and reads the whole reply, whatever its status.
    /// - Throws: `HTTPClientError`, or `CancellationError`.
    public func send(_ request: ClientRequest) async throws -> ClientResponse {
        let deadline = ServerClock.now() &+ (request.timeout ?? configuration.timeout).nanoseconds
        let exchange = try await open(request, deadline: deadline)
        var body: [UInt8] = []
        while let piece = try await exchange.next(deadline: deadline) { body += piece }
        return ClientResponse(
            status: exchange.head.status,
            headers: exchange.head.headers,
            body: body
        )
    }

    /// Sends a request and gives the reply when its head is there; the body is read as it is iterated.
    /// - Throws: `HTTPClientError`, or `CancellationError`.
    public func stream(_ request: ClientRequest) async throws -> StreamingResponse {
        let deadline = ServerClock.now() &+ (request.timeout ?? configuration.timeout).nanoseconds
        let exchange = try await open(request, deadline: deadline)
        return StreamingResponse(
            exchange: exchange,
            idleTimeout: configuration.streamIdleTimeout.nanoseconds
        )
    }

    private func open(_ request: ClientRequest, deadline: UInt64) async throws -> ClientExchange {
        try Task.checkCancellation()
        let key = ConnectionPool.Key(host: request.url.host, port: request.url.port)
        if let connection = connections.take(key) {
            let exchange = ClientExchange(connection, request, configuration, connections, threads)
            do {
                try await exchange.begin(request, deadline: deadline)
                return exchange
            } catch HTTPClientError.closedEarly where request.isIdempotent {
                // The server closed the idle connection as we took it: once more on a fresh one.
            }
        }
        let connectDeadline = min(
            deadline,
            ServerClock.now() &+ configuration.connectTimeout.nanoseconds
        )
        let reach = configuration.reach
        let connection = try await threads.run {
            try ClientConnection(
                host: key.host,
                port: key.port,
                reach: reach,
                deadline: connectDeadline
            )
        }
        let exchange = ClientExchange(connection, request, configuration, connections, threads)
        try await exchange.begin(request, deadline: deadline)
        return exchange
    }
}
