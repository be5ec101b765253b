import Domain
import Foundation
import Synchronization
import WorkerProtocol

/// A child process that was started here, with its output read by a thread of its own.
final class SpawnedProcess: ChildProcess {
    let processID: Int32
    private let output: OutputReader
    /// How it ended, once known; the lock keeps a signal from reaching a stranger who got its id.
    private let cause = Mutex<ExitCause?>(nil)

    /// Where the child finds its socket.
    static let childSocket: Int32 = 3

    /// Starts a program with `socket` as descriptor 3, nothing else open, all signals at their
    /// defaults, and a process group of its own: Ctrl-C in the terminal is the daemon's to handle.
    /// - Throws: `.internalError` when the system refuses.
    init(
        executable: String,
        arguments: [String],
        environment: [String: String],
        socket: Int32,
        onLine: @escaping @Sendable (_ processID: Int32, _ line: String) -> Void
    ) throws(HoneError) {
        let (readEnd, writeEnd) = try FrameSocket.descriptorPair()
        defer { close(writeEnd) }
        do throws(HoneError) {
            processID = try Self.spawn(
                executable: executable,
                arguments: [executable] + arguments,
                environment: environment.map { "\($0)=\($1)" },
                descriptors: [(writeEnd, 1), (writeEnd, 2), (socket, Self.childSocket)]
            )
        } catch {
            close(readEnd)
            throw error
        }
        let id = processID
        output = OutputReader(fileDescriptor: readEnd) { onLine(id, $0) }
    }

    var lastLines: [String] {
        output.waitForEnd(timeout: .milliseconds(500))
        return output.lastLines
    }

    func signal(_ signal: Int32) {
        cause.withLock { cause in
            if cause == nil { kill(processID, signal) }
        }
    }

    func waitForExit(timeout: Duration) -> ExitCause? {
        let deadline = SuspendingClock.now + timeout
        var pause: UInt32 = 500
        while true {
            if let cause = reap() { return cause }
            guard SuspendingClock.now < deadline else { return nil }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// Looks whether it has ended, without waiting.
    private func reap() -> ExitCause? {
        cause.withLock { cause in
            if cause != nil { return cause }
            var status: Int32 = 0
            let result = waitpid(processID, &status, WNOHANG)
            if result == processID {
                cause = ExitCause(waitStatus: status)
            } else if result < 0 && errno == ECHILD {
                cause = .unknown
            }
            return cause
        }
    }
}
