/// How urgent a log line is; a log writes lines at its own level and above.
public enum LogLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    case debug, info, warning, error
    /// Nothing is written.
    case off

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        case .off: 4
        }
    }

    /// Orders levels from the most talkative to the quietest.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
