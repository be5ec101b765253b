import Domain
import Foundation
import WorkerProtocol

/// Why the conversation with a worker is over.
enum WorkerEnding: Sendable, Hashable {
    /// The connection ended by itself: the process died.
    case closed
    /// It ended because it was asked to.
    case shutDown
    /// What came made no sense.
    case broken(HoneError)
    /// A limit passed.
    case condemned(WorkerVerdict)
}

/// Makes sure that a worker is gone, and puts the cause into words.
struct WorkerObituary {
    let role: String
    let process: any ChildProcess
    let heartbeat: WorkerMessage.Heartbeat
    /// The request that it was at.
    let activity: String?

    /// Kills the process if it has to be, waits for its end and returns what its requests throw.
    func write(_ ending: WorkerEnding, exitGrace: Duration) -> HoneError {
        switch ending {
        case .closed:
            let (cause, wasKilled) = reap(grace: exitGrace)
            return lost(wasKilled ? "closed its connection and was killed" : words(for: cause))
        case .shutDown:
            _ = reap(grace: exitGrace)
            return lost("was shut down")
        case .broken(let error):
            process.signal(SIGKILL)
            _ = reap(grace: exitGrace)
            let code: ErrorCode = error.code == .internalError ? .internalError : .workerLost
            return lost("was killed because of what it sent. \(error.message)", code: code)
        case .condemned(let verdict):
            process.signal(SIGKILL)
            _ = reap(grace: exitGrace)
            return sentence(verdict)
        }
    }

    /// Waits for the end, which is forced when it does not come.
    private func reap(grace: Duration) -> (cause: ExitCause, wasKilled: Bool) {
        if let cause = process.waitForExit(timeout: grace) { return (cause, false) }
        process.signal(SIGKILL)
        return (process.waitForExit(timeout: grace) ?? .unknown, true)
    }

    private func words(for cause: ExitCause) -> String {
        guard case .killed(SIGKILL) = cause else { return cause.description }
        return cause.description
            + " (the system does this when memory runs out: see the kernel's log)"
    }

    private func sentence(_ verdict: WorkerVerdict) -> HoneError {
        switch verdict {
        case .deadlinePassed(let request, let limit):
            lost(
                "did not finish \(request) within \(limit)\(progress) and was killed: "
                    + "allow more time or ask for less at a time",
                code: .deadlineExceeded
            )
        case .silent(let time): lost("sent no heartbeat for \(time) and was killed")
        case .stalled(let request, let time):
            lost("made no progress with \(request) for \(time)\(progress) and was killed")
        case .noHello(let limit): lost("did not say hello within \(limit) and was killed")
        }
    }

    private var progress: String {
        guard heartbeat.total > 0 else { return "" }
        return " (\(heartbeat.activity): \(heartbeat.completed) of \(heartbeat.total))"
    }

    /// The whole message: who, what happened, at what, and its last words.
    private func lost(_ what: String, code: ErrorCode = .workerLost) -> HoneError {
        var message = "The \(role) worker (process \(process.processID)) \(what)"
        if let activity, code != .deadlineExceeded { message += ", while at \(activity)" }
        let lines = process.lastLines
        message += lines.isEmpty ? "." : "; its last lines: " + lines.joined(separator: " | ")
        return HoneError(code, message, param: role)
    }
}
