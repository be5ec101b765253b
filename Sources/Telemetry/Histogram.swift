import Synchronization

/// Counts of observations by upper bound, with their sum.
public final class Histogram: Sendable {
    /// A consistent reading of a histogram.
    public struct Reading: Sendable, Hashable {
        /// Observations at or under each bound but over the one before; the last is over all bounds.
        public var counts: [Int]
        /// The sum of all observations.
        public var sum: Double
        /// The number of observations.
        public var total: Int { counts.reduce(0, +) }
    }

    /// Bounds in seconds that suit the latency of a request.
    public static let latencyBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// Upper bounds in rising order, without the infinite one.
    public let bounds: [Double]
    private let state: Mutex<Reading>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Reading(counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// Counts one observation; NaN is ignored.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[index] += 1
            $0.sum += value
        }
    }

    /// The counts so far.
    public var reading: Reading { state.withLock { $0 } }
}
