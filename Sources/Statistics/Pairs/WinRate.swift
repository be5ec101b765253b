/// How often one side wins, ties counted one half.
public struct WinRate: Sendable, Hashable, Codable {
    /// Wins and half of the ties, as a share of all comparisons.
    public var rate: Double
    /// Comparisons won.
    public var wins: Int
    /// Comparisons lost.
    public var losses: Int
    /// Comparisons that neither side won.
    public var ties: Int
    /// Where the rate lies.
    public var interval: Interval?

    /// From outcomes in clusters: 1 a win, 0 a loss, 1/2 a tie; anything between is a preference.
    ///
    /// The interval is Wilson's with one comparison in each cluster, else a bootstrap over clusters.
    /// - Returns: `nil` without an outcome.
    public init?(clusters: [[Double]], bootstrap: Bootstrap = Bootstrap()) {
        let known = clusters.filter { !$0.isEmpty }
        let outcomes = known.flatMap(\.self)
        guard let rate = Sample.mean(outcomes) else { return nil }
        self.rate = rate
        wins = outcomes.count { $0 > 0.5 }
        losses = outcomes.count { $0 < 0.5 }
        ties = outcomes.count - wins - losses
        interval =
            known.count == outcomes.count
            ? Self.wilson(rate, count: outcomes.count, level: bootstrap.level)
            : bootstrap.mean(known)
    }

    /// Wilson's score interval of a rate (Wilson 1927); `nil` of no trials.
    public static func wilson(_ rate: Double, count: Int, level: Double = 0.95) -> Interval? {
        guard count > 0 else { return nil }
        let n = Double(count)
        let z = Quantiles.normal((1 + level) / 2)
        let centre = rate + z * z / (2 * n)
        let reach = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return Interval(
            lower: max(0, (centre - reach) / scale),
            upper: min(1, (centre + reach) / scale),
            level: level
        )
    }
}
