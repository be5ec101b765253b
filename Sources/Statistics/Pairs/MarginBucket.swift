/// Accuracy among pairs of about the same margin.
public struct MarginBucket: Sendable, Hashable, Codable {
    /// The smallest margin in it.
    public var lower: Double
    /// The largest margin in it.
    public var upper: Double
    /// How many pairs.
    public var count: Int
    /// How often they are right, undecided ones counted one half.
    public var accuracy: Double

    /// Buckets of equal counts, from the smallest margin; equal margins are never parted.
    ///
    /// - Parameters:
    ///   - margins: One a pair.
    ///   - outcomes: 1 right, 0 wrong, 1/2 undecided; one a pair.
    ///   - count: At most so many buckets.
    /// - Returns: The buckets that hold a pair.
    public static func buckets(
        margins: [Double],
        outcomes: [Double],
        count: Int = 5
    ) -> [MarginBucket] {
        precondition(margins.count == outcomes.count && count > 0)
        let order = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
        var buckets: [MarginBucket] = []
        var first = 0
        for bucket in 1...count {
            var end = order.count * bucket / count
            while end > first && end < order.count
                && margins[order[end]] == margins[order[end - 1]]
            { end += 1 }
            guard end > first else { continue }
            let places = order[first..<end]
            buckets.append(
                MarginBucket(
                    lower: margins[order[first]],
                    upper: margins[order[end - 1]],
                    count: end - first,
                    accuracy: places.reduce(0) { $0 + outcomes[$1] } / Double(end - first)
                )
            )
            first = end
        }
        return buckets
    }
}
