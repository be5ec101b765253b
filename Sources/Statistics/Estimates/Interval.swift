/// Where a figure lies, with a given confidence.
public struct Interval: Sendable, Hashable, Codable {
    /// The lower end.
    public var lower: Double
    /// The upper end.
    public var upper: Double
    /// How often such an interval holds the true figure: 0.95.
    public var level: Double

    /// An interval from `lower` to `upper`.
    public init(lower: Double, upper: Double, level: Double) {
        self.lower = lower
        self.upper = upper
        self.level = level
    }

    /// Half of the distance between its ends.
    public var halfWidth: Double { (upper - lower) / 2 }
}
