import Glibc
public import Telemetry

/// An HTTP/1.1 server: one event-loop thread, handlers in tasks or, where quick, on that thread.
///
/// It listens once made; `run` serves until `shutdown` or the cancellation of its task.
public final class HTTPServer: Sendable {
    /// The TCP port in fact bound.
    public let port: Int
    private let loop: EventLoop
    private let hasRun = OnceFlag()

    /// Binds and listens.
    /// - Parameters:
    ///   - configuration: Addresses, limits and deadlines.
    ///   - router: What answers.
    ///   - errors: Renders the bodies of the server's own refusals.
    ///   - admission: Sees each head before its body is read, on the loop's thread (microseconds only);
    ///     a reply refuses the request. The place for authentication.
    ///   - log: Where failures go; each request at debug.
    ///   - metrics: Gets `http_requests_total`, `http_request_duration_seconds`, `http_connections`.
    /// - Throws: `portInUse`, `unknownHost`, or `system`.
    public init(
        configuration: ServerConfiguration,
        router: Router,
        errors: @escaping ErrorRendering = HTTPResponse.plainErrors,
        admission: (@Sendable (RequestHead, Route?) -> HTTPResponse?)? = nil,
        log: Log = Log(level: .warning),
        metrics: MetricsRegistry? = nil
    ) throws(HTTPServerError) {
        let tcp = try Listener.tcp(host: configuration.host, port: configuration.port)
        var listeners = [tcp]
        if let path = configuration.unixPath { listeners.append(try .unix(path: path)) }
        port = tcp.port ?? configuration.port
        let core = ServerCore(
            configuration: configuration,
            router: router,
            errors: errors,
            admission: admission,
            log: log,
            metrics: metrics,
            bodies: BodyBudget(limit: configuration.bodyMemoryBytes),
            spooled: BodyBudget(limit: configuration.spoolBytes, isMemory: false)
        )
        loop = try EventLoop(core: core, listeners: listeners)
    }

    /// Serves until `shutdown` or cancellation; then requests in flight have `shutdownTimeout` to end.
    /// - Throws: `alreadyRun`, or `system` if no thread can be had.
    public func run() async throws {
        guard hasRun.raise() else { throw HTTPServerError.alreadyRun }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                do throws(HTTPServerError) {
                    try OwnThread.start("http-loop") { [loop] in
                        loop.run()
                        continuation.resume()
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            loop.post(.shutdown)
        }
    }

    /// Begins a graceful shutdown; `run` returns when it is over.
    public func shutdown() { loop.post(.shutdown) }
}
