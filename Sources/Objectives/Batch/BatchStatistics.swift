/// What a loss refers to of the whole batch: detached means (KTO's baseline, BCO's delta) and sorted
/// lists (AOT's margins).
///
/// Kept so that the statistics of microbatches and ranks add up.
public struct BatchStatistics: Sendable, Hashable {
    private var sums: [String: Double] = [:]
    private var counts: [String: Double] = [:]
    private var lists: [String: [Entry]] = [:]

    /// A number of a list, with the weight of the element it is of.
    private struct Entry: Sendable, Hashable {
        var value: Double
        var weight: Double

        /// Smallest first, numbers that are none last; equal numbers by weight, so that the order
        /// they came in does not matter.
        static func precede(_ left: Entry, _ right: Entry) -> Bool {
            if left.value < right.value || (!left.value.isNaN && right.value.isNaN) { return true }
            return left.value == right.value && left.weight < right.weight
        }
    }

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

    /// Adds one number to the list `name`, with the weight of the element it is of.
    public mutating func collect(_ name: String, _ value: Double, weight: Double = 1) {
        lists[name, default: []].append(Entry(value: value, weight: weight))
    }

    /// The list `name`, smallest first; numbers that are none stand last.
    public func sorted(_ name: String) -> [Double] { entries(name).map { $0.value } }

    /// The weights of the numbers of `sorted(name)`.
    public func sortedWeights(_ name: String) -> [Double] { entries(name).map { $0.weight } }

    /// Sorts every list once, for those who ask for it often.
    mutating func sortLists() {
        for name in lists.keys { lists[name] = entries(name) }
    }

    private func entries(_ name: String) -> [Entry] {
        (lists[name] ?? []).sorted(by: Entry.precede)
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
