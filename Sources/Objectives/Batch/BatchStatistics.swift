/// What a loss refers to of the whole batch: detached means (KTO's baseline, BCO's delta) and sorted
/// lists (AOT's margins).
///
/// Kept so that the statistics of microbatches and ranks add up.
public struct BatchStatistics: Sendable, Hashable {
    private var sums: [String: Double] = [:]
    private var counts: [String: Double] = [:]
    private var lists: [String: [Double]] = [:]

    /// No statistics.
    public init() {}

    /// Adds one observation of `name` to its mean.
    public mutating func observe(_ name: String, _ value: Double) {
        sums[name, default: 0] += value
        counts[name, default: 0] += 1
    }

    /// The mean of `name`; 0 before any observation.
    public func mean(_ name: String) -> Double {
        guard let sum = sums[name], let count = counts[name], count > 0 else { return 0 }
        return sum / count
    }

    /// Adds one number to the list `name`.
    public mutating func collect(_ name: String, _ value: Double) {
        lists[name, default: []].append(value)
    }

    /// The list `name`, smallest first; numbers that are none stand last.
    public func sorted(_ name: String) -> [Double] {
        (lists[name] ?? []).sorted { $0 < $1 || (!$0.isNaN && $1.isNaN) }
    }

    /// Sorts every list once, for those who ask for it often.
    mutating func sortLists() {
        for name in lists.keys { lists[name] = sorted(name) }
    }

    /// The statistics of two disjoint parts together.
    public static func + (left: BatchStatistics, right: BatchStatistics) -> BatchStatistics {
        var result = left
        result.sums.merge(right.sums, uniquingKeysWith: +)
        result.counts.merge(right.counts, uniquingKeysWith: +)
        result.lists.merge(right.lists, uniquingKeysWith: +)
        return result
    }
}
