import Synchronization

/// A number that only grows, such as requests served.
public final class Counter: Sendable {
    private let total = Mutex(0.0)

    init() {}

    /// Adds to the counter; a negative or NaN amount is ignored, because counters never fall.
    public func increment(by amount: Double = 1) {
        guard amount > 0 else { return }
        total.withLock { $0 += amount }
    }

    /// The total so far.
    public var value: Double { total.withLock { $0 } }
}
