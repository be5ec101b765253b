import Foundation

/// Count, mean and sum of squared deviations, which add up without the numbers themselves.
public struct Moments: Sendable, Hashable {
    /// How many numbers.
    public var count = 0.0
    /// Their mean; 0 when there are none.
    public var mean = 0.0
    /// The sum of their squared deviations from the mean.
    public var squares = 0.0

    /// No numbers.
    public init() {}

    /// Of numbers, in two passes.
    public init(_ values: some Collection<Double>) {
        guard !values.isEmpty else { return }
        count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    /// Of two disjoint parts (Chan, Golub, LeVeque 1979, equations 2.1).
    public static func + (left: Moments, right: Moments) -> Moments {
        if left.count == 0 { return right }
        if right.count == 0 { return left }
        var sum = Moments()
        sum.count = left.count + right.count
        let gap = right.mean - left.mean
        sum.mean = left.mean + gap * right.count / sum.count
        sum.squares =
            left.squares + right.squares + gap * gap * left.count * right.count / sum.count
        return sum
    }

    /// The unbiased variance (n - 1); 0 of fewer than two numbers.
    public var variance: Double { count > 1 ? squares / (count - 1) : 0 }

    /// The root of the unbiased variance.
    public var deviation: Double { variance.squareRoot() }
}
