/// The process behind a worker's socket, as far as supervision goes: a fake in tests.
protocol ChildProcess: Sendable {
    /// Its process id.
    var processID: Int32 { get }
    /// The last lines that it wrote to its standard output and error.
    var lastLines: [String] { get }
    /// Sends it a signal, unless it is known to have ended.
    func signal(_ signal: Int32)
    /// Waits until it has ended; `nil` when it has not within `timeout`. Blocks.
    func waitForExit(timeout: Duration) -> ExitCause?
}
