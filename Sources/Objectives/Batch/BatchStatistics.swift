/// Detached means over the whole batch that a loss refers to (KTO's baseline, BCO's delta).
///
/// Kept as sums and counts so that the statistics of microbatches and ranks add up.
public struct BatchStatistics: Sendable, Hashable {
    private var sums: [String: Double] = [:]
    private var counts: [String: Double] = [:]

    /// No statistics.
    public init() {}

    /// Adds one observation of `name`.
    public mutating func observe(_ name: String, _ value: Double) {
        sums[name, default: 0] += value
        counts[name, default: 0] += 1
    }

    /// The mean of `name`; 0 before any observation.
    public func mean(_ name: String) -> Double {
        guard let sum = sums[name], let count = counts[name], count > 0 else { return 0 }
        return sum / count
    }

    /// The statistics of two disjoint parts together.
    public static func + (left: BatchStatistics, right: BatchStatistics) -> BatchStatistics {
        var result = left
        result.sums.merge(right.sums, uniquingKeysWith: +)
        result.counts.merge(right.counts, uniquingKeysWith: +)
        return result
    }
}
