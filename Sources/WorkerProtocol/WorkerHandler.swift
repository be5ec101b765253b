/// What does a worker's work.
public protocol WorkerHandler {
    /// Does one unit of work; called on the thread that runs the server, one request at a time.
    ///
    /// `.shutdown` never comes here: the server answers it.
    /// - Parameters:
    ///   - request: What to do.
    ///   - progress: Where to say how far the work is; sent with each heartbeat.
    /// - Returns: The answer.
    /// - Throws: A `HoneError` to be answered as it is; any other error is answered as
    ///   `internal_error`.
    func handle(_ request: WorkerRequest, progress: WorkerProgress) throws -> WorkerReply
}
