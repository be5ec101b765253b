public import Store

/// What became of a submitted spec.
public enum Submission: Sendable, Hashable {
    /// A new run was queued.
    case created(RunRecord)
    /// The same name with the same spec: the run that exists (queued again when it was paused,
    /// failed or cancelled).
    case existing(RunRecord)
    /// Nothing was queued; the report lists the faults.
    case refused(ValidationReport)
}
