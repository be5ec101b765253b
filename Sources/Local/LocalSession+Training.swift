public import APITypes
public import Domain
import Foundation
import Presentation
import Scheduling
import Store

/// What a headless run does.
extension LocalSession {
    /// What a spec would take, and everything wrong with it; nothing is started.
    public func validate(_ spec: RunSpec) async throws(HoneError) -> ValidationObject {
        ValidationObject(try await control.validate(spec))
    }

    /// Runs a spec to its end, or goes on with the run of the same name and spec.
    ///
    /// - Parameters:
    ///   - spec: What to run.
    ///   - document: The spec as its owner wrote it, kept as the run folder's `spec.json`.
    ///   - handle: Gets every event, those of an earlier start too when it goes on.
    /// - Returns: The run's last state.
    /// - Throws: `Faults`, all at once; `already_exists` listing the differences;
    ///   `CancellationError` when the caller's task is cancelled.
    public func train(
        _ spec: RunSpec,
        document: String,
        handle: @Sendable (EventObject) async -> Void
    ) async throws -> RunState {
        let run: RunRecord
        switch try await control.submit(spec, document: document) {
        case .created(let record), .existing(let record): run = record
        case .refused(let report): throw Faults(report.faults)
        }
        let control = control
        let driver = Task { await control.run() }
        defer { driver.cancel() }
        for await event in try await control.events(run: run.id) {
            await handle(EventObject(event))
            if Task.isCancelled { break }
        }
        if Task.isCancelled {
            await control.rest()
            throw CancellationError()
        }
        let last = try await control.findRun(run.id)
        return last.state
    }

    /// The over-optimisation curves of a run's held-out rewards.
    public func rewardCurves(_ run: String) async throws(HoneError) -> [RewardCurveObject] {
        try await control.rewardCurves(run).map { RewardCurveObject($0) }
    }
}
