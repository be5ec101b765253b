/// Simple figures of a list of numbers.
public enum Sample {
    /// The mean; `nil` of no numbers.
    public static func mean(_ values: some Collection<Double>) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The unbiased variance (n − 1); `nil` of fewer than two numbers.
    public static func variance(_ values: some Collection<Double>) -> Double? {
        guard values.count > 1, let mean = mean(values) else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return squares / Double(values.count - 1)
    }

    /// The root of the unbiased variance; `nil` of fewer than two numbers.
    public static func deviation(_ values: some Collection<Double>) -> Double? {
        variance(values).map { $0.squareRoot() }
    }

    /// The number below which the share `level` of a sorted list lies, interpolated linearly between
    /// its neighbours (Hyndman and Fan 1996, definition 7).
    ///
    /// - Precondition: `sorted` is not empty.
    public static func quantile(_ level: Double, ofSorted sorted: [Double]) -> Double {
        let place = min(max(level, 0), 1) * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}
