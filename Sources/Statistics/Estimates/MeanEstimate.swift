/// A mean, and how sure it is.
public struct MeanEstimate: Sendable, Hashable, Codable {
    /// The mean of all numbers.
    public var mean: Double
    /// Their deviation (n − 1); `nil` of one.
    public var deviation: Double?
    /// How many numbers.
    public var count: Int
    /// Student's interval, whose observations are the clusters; `nil` of fewer than two.
    public var interval: Interval?

    /// The mean of numbers in clusters: scores of the completions of each prompt.
    ///
    /// The interval is that of the mean of m clusters of different sizes as a ratio (Cochran 1977,
    /// 6.4), with m − 1 degrees of freedom; with one number in each it is Student's for a mean.
    /// - Returns: `nil` of no numbers.
    public init?(clusters: [[Double]], level: Double = 0.95) {
        let known = clusters.filter { !$0.isEmpty }
        guard let mean = Sample.mean(known.flatMap(\.self)) else { return nil }
        self.mean = mean
        deviation = Sample.deviation(known.flatMap(\.self))
        count = known.reduce(0) { $0 + $1.count }
        interval = Self.interval(known, mean, Double(count), level)
    }

    /// The mean of independent numbers.
    ///
    /// - Returns: `nil` of no numbers.
    public init?(_ values: [Double], level: Double = 0.95) {
        self.init(clusters: values.map { [$0] }, level: level)
    }

    private static func interval(
        _ clusters: [[Double]],
        _ mean: Double,
        _ count: Double,
        _ level: Double
    ) -> Interval? {
        guard clusters.count > 1 else { return nil }
        let number = Double(clusters.count)
        let squares = clusters.reduce(0) { total, cluster in
            let residual = cluster.reduce(0) { $0 + $1 - mean }
            return total + residual * residual
        }
        let error = (number / (number - 1) * squares).squareRoot() / count
        let reach = error * Quantiles.student((1 + level) / 2, degrees: number - 1)
        return Interval(lower: mean - reach, upper: mean + reach, level: level)
    }
}
