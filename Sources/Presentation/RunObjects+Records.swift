public import APITypes
import Domain
import Foundation
public import Store

extension RunObject {
    /// A run as it stands.
    public init(_ record: RunRecord) {
        self.init(
            id: record.id,
            spec: record.spec,
            state: record.state,
            createdAt: record.createdAt.unixSeconds
        )
        name = record.name
        phase = record.phase?.rawValue
        iteration = record.iteration
        queuePosition = record.queuePosition
        policyVersion = record.policyVersion
        parent = record.parent.map { "\($0.runID)@\($0.iteration)" }
        error = record.error.map(Failure.init)
        startedAt = record.startedAt?.unixSeconds
        finishedAt = record.finishedAt?.unixSeconds
    }
}

extension IterationObject {
    /// An iteration's metrics.
    public init(_ record: IterationRecord) {
        self.init(
            iteration: record.iteration,
            metrics: record.metrics,
            finishedAt: record.finishedAt.unixSeconds
        )
    }
}

extension CheckpointObject {
    /// A checkpoint of the run of this name.
    public init(_ record: CheckpointRecord, runName: String) {
        self.init(
            run: runName,
            iteration: record.iteration,
            step: record.step,
            path: record.path,
            byteCount: record.byteCount,
            createdAt: record.createdAt.unixSeconds
        )
    }
}

extension PairObject {
    /// A stored pair.
    public init(_ record: PairRecord) {
        self.init(
            id: record.id,
            run: record.runID,
            iteration: record.iteration,
            chosen: record.chosen,
            rejected: record.rejected,
            margin: record.margin
        )
    }
}

extension EventObject {
    /// An event of a run.
    public init(_ record: EventRecord) {
        self.init(
            id: record.id,
            run: record.runID,
            kind: record.kind,
            time: record.time.timeIntervalSince1970,
            data: record.payload
        )
    }
}
