import Synchronization

/// A number that goes up and down, such as open connections.
public final class Gauge: Sendable {
    private let current = Mutex(0.0)

    init() {}

    /// Sets the value.
    public func set(_ value: Double) { current.withLock { $0 = value } }

    /// Adds a possibly negative amount.
    public func add(_ amount: Double) { current.withLock { $0 += amount } }

    /// The value now.
    public var value: Double { current.withLock { $0 } }
}
