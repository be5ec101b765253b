/// How long the daemon waits for a worker, in each of the ways there are to wait.
public struct WorkerTiming: Sendable, Hashable {
    /// From the launch to the worker's hello.
    public var helloDeadline = Duration.seconds(30)
    /// The longest time without a word from the worker (it sends a heartbeat each second).
    public var silenceLimit = Duration.seconds(15)
    /// The longest time that a request which reports its progress may make none; `nil`: no limit.
    public var stallLimit: Duration? = .seconds(600)
    /// How often deadlines and silence are looked at: the precision of the others.
    public var tick = Duration.milliseconds(200)
    /// How long writing one request may take.
    public var sendDeadline = Duration.seconds(60)
    /// From the shutdown request to SIGTERM, and again from there to SIGKILL.
    public var shutdownGrace = Duration.seconds(5)
    /// From the end of the connection to the process's own end, before it is killed.
    public var exitGrace = Duration.seconds(2)

    /// The values above.
    public init() {}
}
