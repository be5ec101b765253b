import Synchronization

/// Counts the bytes of the storages that a task makes and still has: what memory plans are checked
/// against.
public final class StorageMeter: Sendable {
    /// The meter of the running task; `nil` counts nothing.
    @TaskLocal public static var current: StorageMeter?

    private let counts = Mutex((live: 0, peak: 0))

    /// A meter that has counted nothing.
    public init() {}

    /// The most bytes that were there at a time; mapped files are not among them.
    public var peakBytes: Int { counts.withLock { $0.peak } }

    func add(_ bytes: Int) {
        counts.withLock { counts in
            counts.live += bytes
            counts.peak = max(counts.peak, counts.live)
        }
    }
}
