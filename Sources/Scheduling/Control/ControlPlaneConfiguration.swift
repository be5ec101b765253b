/// How a control plane is set up.
public struct ControlPlaneConfiguration: Sendable {
    /// The folder that holds everything; made when missing.
    public var dataFolder: String
    /// Models kept open for API requests at the same time, one process each.
    public var servingWorkerLimit: Int
    /// A serving worker that nobody used for so long is closed.
    public var servingIdleTime: Duration
    /// The longest that one request to a worker may take.
    public var workerDeadline: Duration
    /// How long the current run may take to come to a rest before the process ends; a checkpoint
    /// being written by then has as long again.
    public var restTimeout = Duration.seconds(10)
    /// How long a run with `unscored: wait` waits for scores.
    public var unscoredPatience = UnscoredPatience()
    /// Outgoing HTTP for remote rewards; `nil` where there is none.
    public var remoteTransport: (any RemoteTransport)?
    /// Requests of remote rewards to one URL at a time, whichever runs they come from.
    public var remoteConcurrency = 8
    /// Runs graders in Python; `nil` where they are not allowed.
    public var pythonRunner: PythonRunner?

    /// Two serving workers, closed after ten minutes of rest, and an hour a request unless said.
    public init(
        dataFolder: String,
        servingWorkerLimit: Int = 2,
        servingIdleTime: Duration = .seconds(600),
        workerDeadline: Duration = .seconds(3600)
    ) {
        self.dataFolder = dataFolder
        self.servingWorkerLimit = servingWorkerLimit
        self.servingIdleTime = servingIdleTime
        self.workerDeadline = workerDeadline
    }
}
