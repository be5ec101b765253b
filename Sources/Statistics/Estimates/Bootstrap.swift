import Domain

/// Confidence intervals by drawing the data again from itself (Efron 1979), whole clusters at a time.
///
/// Completions of one prompt are not independent, so that what is drawn is prompts.
public struct Bootstrap: Sendable, Hashable {
    /// How many times the data is drawn again.
    public var resamples: Int
    /// Equal seeds give equal intervals.
    public var seed: UInt64
    /// How often the interval holds the true figure.
    public var level: Double

    /// A bootstrap of 1000 resamples at 95 %, unless said otherwise.
    public init(resamples: Int = 1000, seed: UInt64 = 0, level: Double = 0.95) {
        self.resamples = resamples
        self.seed = seed
        self.level = level
    }

    /// The percentile interval of a figure of the clusters drawn.
    ///
    /// - Parameters:
    ///   - count: How many clusters there are.
    ///   - figure: The figure of the clusters of those places, with repetitions; `nil` when it has none.
    /// - Returns: `nil` of fewer than two clusters, or when fewer than half of the draws have a figure.
    public func interval(clusters count: Int, figure: ([Int]) -> Double?) -> Interval? {
        guard count > 1, resamples > 1 else { return nil }
        var figures: [Double] = []
        for draw in 0..<resamples {
            var random = PhiloxSequence(seed: seed, stream: UInt64(draw))
            let places = (0..<count).map { _ in Int.random(in: 0..<count, using: &random) }
            if let value = figure(places), value.isFinite { figures.append(value) }
        }
        guard figures.count * 2 > resamples else { return nil }
        figures.sort()
        let tail = (1 - level) / 2
        return Interval(
            lower: Sample.quantile(tail, ofSorted: figures),
            upper: Sample.quantile(1 - tail, ofSorted: figures),
            level: level
        )
    }

    /// The percentile interval of the mean of all numbers of the clusters.
    public func mean(_ clusters: [[Double]]) -> Interval? {
        let known = clusters.filter { !$0.isEmpty }
        let sums = known.map { $0.reduce(0, +) }
        return interval(clusters: known.count) { places in
            let count = places.reduce(0) { $0 + known[$1].count }
            return places.reduce(0) { $0 + sums[$1] } / Double(count)
        }
    }
}
