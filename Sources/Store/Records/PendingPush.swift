/// A comparison that is on its way into an annotation tool's project.
public struct PendingPush: Sendable, Hashable {
    /// What it is leased as; the tool's answers name it.
    public var lease: AnnotationLease
    /// Whether it has been sent before, with an outcome that nobody knows.
    public var isAttempted: Bool
}
