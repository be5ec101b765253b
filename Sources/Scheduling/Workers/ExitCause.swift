import Foundation

/// How a process ended, from `waitpid`'s status.
enum ExitCause: Sendable, Hashable {
    case exited(code: Int32)
    case killed(signal: Int32)
    /// Nothing is known: another part of the program waited for it first.
    case unknown

    /// Decodes a wait status: the low seven bits are the signal, the next byte the code (wait(2)).
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(code: (waitStatus >> 8) & 0xff) : .killed(signal: signal)
    }

    /// In words, as what follows "the worker".
    var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "was killed by \(Self.signalName(signal))"
        case .unknown: "ended"
        }
    }

    /// The signals that processes die of, by name.
    private static let signalNames: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL",
        SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM",
        SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]

    private static func signalName(_ signal: Int32) -> String {
        signalNames[signal] ?? "signal \(signal)"
    }
}
