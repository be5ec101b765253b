import Synchronization

/// Counts the changes of one kind of thing in a store; any thread reads it without waiting.
///
/// **Invariant**: it has moved on before the method that made a change returns, so that what was read
/// at a count is current for as long as the count is the same.
public final class ChangeCounter: Sendable {
    private let changes = Atomic<UInt64>(0)

    init() {}

    /// Changes so far, counted from the opening of the store.
    public var count: UInt64 { changes.load(ordering: .acquiring) }

    func advance() { changes.add(1, ordering: .acquiringAndReleasing) }
}
