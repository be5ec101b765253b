import Synchronization

/// A flag that is raised once.
final class OnceFlag: Sendable {
    private let isRaised = Atomic(false)

    /// Raises the flag; whether this call was the one that did.
    func raise() -> Bool { !isRaised.exchange(true, ordering: .relaxed) }
}
