public import APITypes
public import Store

extension EvaluationObject {
    /// An evaluation as it stands.
    public init(_ record: EvaluationRecord) {
        self.init(
            id: record.id,
            order: record.order,
            state: record.state,
            createdAt: record.createdAt.unixSeconds
        )
        progress = Progress(completed: record.completed, total: record.total)
        result = record.report
        error = record.error.map(RunObject.Failure.init)
        startedAt = record.startedAt?.unixSeconds
        finishedAt = record.finishedAt?.unixSeconds
    }
}
