/// How long completions are.
public struct LengthSummary: Sendable, Hashable, Codable {
    /// The mean length.
    public var mean: Double
    /// The shortest.
    public var shortest: Double
    /// Half are no longer than this.
    public var median: Double
    /// Nine of ten are no longer than this.
    public var ninetieth: Double
    /// The longest.
    public var longest: Double

    /// Of lengths in tokens.
    ///
    /// - Returns: `nil` of none.
    public init?(_ lengths: [Int]) {
        let sorted = lengths.map(Double.init).sorted()
        guard let mean = Sample.mean(sorted), let first = sorted.first, let last = sorted.last
        else { return nil }
        self.mean = mean
        shortest = first
        median = Sample.quantile(0.5, ofSorted: sorted)
        ninetieth = Sample.quantile(0.9, ofSorted: sorted)
        longest = last
    }
}
