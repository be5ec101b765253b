/// One line of progress: bar, count, rate and time left.
public struct ProgressBar: Sendable {
    private let width: Int

    /// Makes one; fields that are not named here can be set after.
    public init(width: Int = 24) { self.width = width }

    /// The line after `seconds`; without a total only count and rate.
    public func line(_ label: String, completed: Int, total: Int, seconds: Double) -> String {
        let rate = seconds > 0 ? Double(completed) / seconds : 0
        let speed = rate > 0 ? "  \(IterationTable.number(rate, rate < 10 ? 2 : 0))/s" : ""
        guard total > 0 else { return "\(label)  \(completed)\(speed)" }
        let share = min(1, max(0, Double(completed) / Double(total)))
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let left =
            rate > 0 ? "  \(Self.duration(Double(max(0, total - completed)) / rate)) left" : ""
        return "\(label)  [\(bar)] \(completed)/\(total)\(speed)\(left)"
    }

    /// `42 s`, `3 min 5 s`, `2 h 10 min`.
    public static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
