/// Where a server listens and what it puts up with.
public struct ServerConfiguration: Sendable, Hashable {
    /// Address or name to listen at, default loopback; IPv6 without brackets.
    public var host = "127.0.0.1"
    /// Port, 0 for any free one.
    public var port = 0
    /// Path of a Unix-domain socket to listen at too; a stale one is replaced.
    public var unixPath: String?
    /// Limits of each request.
    public var limits = HTTPLimits()
    /// Open connections at most, and no more than the process's descriptors allow; for one more the
    /// longest idle one is closed, and where none is idle it is answered 503 and closed.
    public var maxConnections = 4096
    /// Requests of one connection that may be in work at once; more are not read yet.
    public var maxPipelined = 16
    /// Bytes waiting for a slow client before its requests and streams are held back.
    public var outputHighWater = 256 * 1024
    /// From the first byte of a request to the end of its head, default 10 s (408); a connection's first
    /// head has it from the connection on.
    public var headerTimeout: Duration = .seconds(10)
    /// Memory for the bodies over 64 KiB of all requests in work, default 1 GiB (503 beyond it).
    public var bodyMemoryBytes = 1 << 30
    /// Where the long bodies of routes that spool them wait, in files without names; nil: in memory.
    public var spoolFolder: String?
    /// Disk for the bodies of all requests in work there, default 16 GiB (503 beyond it).
    public var spoolBytes = 16 << 30
    /// How fast a body must come, default 1,000 bytes a second (408); 0 for any pace.
    public var bodyBytesPerSecond = 1000
    /// The stretch of time over which that is measured, default 10 s.
    public var bodyPaceWindow: Duration = .seconds(10)
    /// Between two pieces of a body, default 30 s (408).
    public var bodyIdleTimeout: Duration = .seconds(30)
    /// From the first byte of a request to the last of its body, default 10 min (408).
    public var bodyTimeout: Duration = .seconds(600)
    /// Between requests, default 75 s (closed).
    public var idleTimeout: Duration = .seconds(75)
    /// Without progress while bytes wait for the client, default 30 s (closed).
    public var writeTimeout: Duration = .seconds(30)
    /// For an async handler, default 1 h (503).
    public var handlerTimeout: Duration = .seconds(3600)
    /// From the last byte of a refused connection to its end, default 2 s.
    public var lingerTimeout: Duration = .seconds(2)
    /// For requests in flight at shutdown, default 10 s.
    public var shutdownTimeout: Duration = .seconds(10)

    /// The defaults.
    public init() {}
}

extension Duration {
    /// Whole nanoseconds, negative ones as 0, those over 292 years as that.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 9_000_000_000 else { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
