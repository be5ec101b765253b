import Domain
import Foundation

/// Whether stated probabilities are what happens.
///
/// Expected calibration error: Naeini, Cooper and Hauskrecht 2015; score: Brier 1950.
public struct Calibration: Sendable, Hashable, Codable {
    /// Probabilities of one range.
    public struct Bin: Sendable, Hashable, Codable {
        /// The range's lower end.
        public var lower: Double
        /// The range's upper end.
        public var upper: Double
        /// How many probabilities lie in it.
        public var count: Int
        /// Their mean.
        public var confidence: Double
        /// How often what they are about happened.
        public var frequency: Double
    }

    /// Σ over bins of count / n · |frequency − confidence|.
    public var expectedError: Double
    /// The mean of (probability − outcome)².
    public var brier: Double
    /// The ranges that hold a probability, from the lowest.
    public var bins: [Bin]

    /// Of probabilities and what happened: 1 or 0, or anything between; `nil` of none.
    ///
    /// - Parameters:
    ///   - probabilities: In [0, 1].
    ///   - outcomes: One for each probability.
    ///   - binCount: Ranges of equal width.
    ///   - range: What the ranges divide.
    public init?(
        probabilities: [Double],
        outcomes: [Double],
        binCount: Int = 10,
        over range: ClosedRange<Double> = 0...1
    ) {
        guard !probabilities.isEmpty, probabilities.count == outcomes.count, binCount > 0 else {
            return nil
        }
        let width = (range.upperBound - range.lowerBound) / Double(binCount)
        var members = [[Int]](repeating: [], count: binCount)
        for (index, probability) in probabilities.enumerated() {
            let place = Int((probability - range.lowerBound) / width)
            members[min(max(place, 0), binCount - 1)].append(index)
        }
        bins = members.indices.filter { !members[$0].isEmpty }.map { bin in
            Bin(
                lower: range.lowerBound + Double(bin) * width,
                upper: range.lowerBound + Double(bin + 1) * width,
                count: members[bin].count,
                confidence: Sample.mean(members[bin].map { probabilities[$0] }) ?? 0,
                frequency: Sample.mean(members[bin].map { outcomes[$0] }) ?? 0
            )
        }
        let count = Double(probabilities.count)
        expectedError = bins.reduce(0) {
            $0 + Double($1.count) / count * abs($1.frequency - $1.confidence)
        }
        brier =
            zip(probabilities, outcomes).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / count
    }

    /// Of the probabilities that the truly preferred side of each pair was given.
    ///
    /// Which side is named first means nothing: what is compared is how sure the verdict is, from 1/2
    /// to 1 in ten ranges, with how often it is right.
    public init?(preferences: [Double]) {
        self.init(
            probabilities: preferences.map { max($0, 1 - $0) },
            outcomes: preferences.map { $0 == 0.5 ? 0.5 : $0 > 0.5 ? 1 : 0 },
            over: 0.5...1
        )
    }

    /// What differences of scores are to be divided by so that σ(difference / temperature) fits best.
    ///
    /// The likelihood is maximised over 1/temperature ≥ 0 (Guo and others 2017, arXiv 1706.04599, 4.2).
    /// - Returns: `nil` when there is none: no pair is wrong, or no scores at all would fit better.
    public static func temperature(_ differences: [Double]) -> Double? {
        func slope(_ scale: Double) -> Double {
            differences.reduce(0) { $0 - $1 * sigmoid(-scale * $1) }
        }
        guard slope(0) < 0, differences.contains(where: { $0 < 0 }) else { return nil }
        var (low, high) = (0.0, 1.0)
        while slope(high) < 0 {
            high *= 2
            guard high < 1e12 else { return nil }
        }
        while true {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if slope(middle) < 0 { low = middle } else { high = middle }
        }
        return high > 0 ? 1 / high : nil
    }
}
