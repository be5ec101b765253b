import Domain
import Scheduling
import Store
import Telemetry

/// Sends runs' comparisons to a Label Studio project as they are asked, each once.
///
/// A comparison is leased and noted on disk before it is sent. When it stays unknown whether it arrived,
/// the project is asked before it is sent again.
struct LabelStudioPusher: Sendable {
    let client: LabelStudioClient
    let desk: FeedbackDesk
    let signals: @Sendable () -> AsyncStream<Void>
    let log: Log
    var sleep: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    /// A number in 0..<1 for the next pause.
    var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// Comparisons in one request.
    static let batch = 50
    /// The queue is looked at at least so often: leases that ran out make no event.
    private static let patience: Duration = .seconds(15)

    private var target: LabelStudioTarget { client.target }

    /// Sends until the task is cancelled.
    func run() async {
        await WakingLoop.run(signals: signals(), atLeastEvery: Self.patience) {
            await drainUntilDone()
            return !Task.isCancelled
        }
    }

    /// Tries until nothing is left, with pauses like those of webhooks; never gives up.
    private func drainUntilDone() async {
        var attempt = 1
        while !Task.isCancelled {
            let cause: String
            do {
                return try await drain()
            } catch let failure as RemoteFailure {
                cause = failure.message
            } catch let error as HoneError {
                cause = error.message
            } catch {
                cause = "\(error)"
            }
            if attempt == 1 {
                log.warning(
                    "Label Studio took no tasks, they are sent again",
                    ["project": target.address, "cause": cause]
                )
            }
            attempt += 1
            await sleep(RetryPause.before(attempt, jitter: jitter()))
        }
    }

    /// Sends all that waits to be asked.
    ///
    /// - Throws: `RemoteFailure`, `HoneError`.
    func drain() async throws {
        while !Task.isCancelled {
            let pending = try await desk.store.pendingPushes(target: target.address)
            if pending.isEmpty {
                guard try await take() > 0 else { return }
            } else {
                try await push(pending)
            }
        }
    }

    private func take() async throws(HoneError) -> Int {
        var run: String?
        if let name = target.run {
            // It may be submitted later.
            guard let found = try await desk.store.findRun(name) else { return 0 }
            run = found.id
        }
        return try await desk.store.takePushes(
            target: target.address,
            run: run,
            count: Self.batch,
            seconds: target.seconds
        )
    }

    private func push(_ pending: [PendingPush]) async throws {
        let tasks = pending.map { LabelStudioTask($0.lease) }
        let doubtful = zip(pending, tasks).filter { $0.0.isAttempted }.map(\.1)
        let known = doubtful.isEmpty ? [:] : try await client.known(doubtful)
        try await desk.store.finishPushes(target: target.address, tasks: known)
        let rest = tasks.filter { known[$0.lease] == nil }
        guard !rest.isEmpty else { return }
        try await desk.store.attemptPushes(target: target.address, leases: rest.map(\.lease))
        let ids = try await client.importTasks(rest)
        var tasksByLease: [Int: Int?] = [:]
        for (place, task) in rest.enumerated() {
            tasksByLease.updateValue(ids.isEmpty ? nil : ids[place], forKey: task.lease)
        }
        try await desk.store.finishPushes(target: target.address, tasks: tasksByLease)
        log.info(
            "tasks are in Label Studio",
            ["project": target.address, "tasks": String(rest.count)]
        )
    }
}
