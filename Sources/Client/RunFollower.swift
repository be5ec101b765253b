public import APITypes
import Domain
import Foundation

/// Turns a run's events into what a person reads: a line an iteration, a progress bar between
/// them on a terminal, a table at the end.
public struct RunFollower: Sendable {
    /// Writes to the terminal.
    public struct Output: Sendable {
        /// A line that stays.
        public var line: @Sendable (String) -> Void
        /// A line that the next one replaces; `nil` where there is no terminal.
        public var transient: (@Sendable (String) -> Void)?

        /// Makes one; fields that are not named here can be set after.
        public init(
            line: @escaping @Sendable (String) -> Void,
            transient: (@Sendable (String) -> Void)? = nil
        ) {
            self.line = line
            self.transient = transient
        }
    }

    private let output: Output
    private let iterations: Int
    private var measured: [(iteration: Int, metrics: [String: Double])] = []
    private var startedAt: Double?
    private var firstIteration = 0
    private var phase = ""
    /// The last state seen.
    public private(set) var state: String?

    /// Follows a run of which no event was taken in yet.
    ///
    /// - Parameters:
    ///   - iterations: How many the run has in all; the progress bar's length.
    ///   - output: Gets lines as events are taken in.
    public init(iterations: Int, output: Output) {
        self.iterations = iterations
        self.output = output
    }

    /// Takes one event in.
    public mutating func take(_ event: EventObject) {
        switch event.kind {
        case "metrics": takeMetrics(event)
        case "progress":
            phase = Self.phase(event.data)
            showProgress(at: event.time)
        case "state":
            state = event.data["state"]?.stringValue
            let reason = (event.data["error"]?["message"] ?? event.data["message"])?.stringValue
            output.line("\(state ?? "?")" + (reason.map { ": \($0)" } ?? ""))
        case "log", "worker":
            if let message = event.data["message"]?.stringValue { output.line(message) }
        case "published":
            let model = event.data["model"]?.stringValue ?? "?"
            let path = event.data["path"]?.stringValue.map { " at \($0)" } ?? ""
            output.line("published as \(model)\(path)")
        default: break
        }
    }

    private mutating func takeMetrics(_ event: EventObject) {
        guard let iteration = event.data["iteration"]?.integerValue else { return }
        let values = (event.data["metrics"] ?? event.data).objectValue ?? [:]
        var metrics = values.compactMapValues(\.doubleValue)
        metrics["iteration"] = nil
        measured.removeAll { $0.iteration == iteration }
        measured.append((iteration, metrics))
        output.line(IterationTable.line(iteration, metrics))
        if startedAt == nil { (startedAt, firstIteration) = (event.time, iteration) }
        showProgress(at: event.time)
    }

    /// What is being done, and how much of it is done: `sample 3/12`.
    private static func phase(_ data: Value) -> String {
        let name = data["phase"]?.stringValue ?? ""
        guard let done = data["completed"]?.integerValue, let total = data["total"]?.integerValue,
            total > 0
        else { return name }
        return "\(name) \(done)/\(total)"
    }

    private func showProgress(at time: Double) {
        guard let transient = output.transient else { return }
        guard let last = measured.last else { return transient(phase) }
        let done = last.iteration - firstIteration
        let seconds = time - (startedAt ?? time)
        guard done > 0, seconds > 0 else {
            return transient("iteration \(last.iteration)  \(phase)")
        }
        let left = Double(iterations - last.iteration) * seconds / Double(done)
        let bar = ProgressBar().line(
            "iterations",
            completed: last.iteration,
            total: iterations,
            seconds: 0
        )
        transient("\(bar)  \(phase)  \(ProgressBar.duration(left)) left")
    }

    /// All iterations, for the end.
    public var table: String { measured.isEmpty ? "" : IterationTable.text(measured) }
}
