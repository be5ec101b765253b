import Domain
import Foundation

/// How often side a would win if both sides wrote equally long.
///
/// The regression of length-controlled AlpacaEval (Dubois and others 2024, arXiv 2404.04475, equation 1),
/// without the difficulty of each instruction, which takes a leaderboard of models to know:
/// P(a preferred) = σ(θ + φ tanh((length_a − length_b) / deviation)). The rate is σ(θ).
public struct LengthControlledWinRate: Sendable, Hashable, Codable {
    /// σ(θ): the win rate with the length term at 0.
    public var rate: Double
    /// θ: what a is better by, in log-odds.
    public var quality: Double
    /// φ: what length adds to the log-odds; above 0 the longer one tends to be preferred.
    public var lengthEffect: Double
    /// Where the rate lies, by a bootstrap over prompts.
    public var interval: Interval?

    /// One comparison of two completions.
    public struct Comparison: Sendable, Hashable {
        /// How much a is preferred: 1 wins, 0 loses, 1/2 ties.
        public var outcome: Double
        /// Length of a's less that of b's.
        public var lengthDifference: Double

        /// A comparison by its outcome for a, and how much longer a's completion is.
        public init(outcome: Double, lengthDifference: Double) {
            self.outcome = outcome
            self.lengthDifference = lengthDifference
        }
    }

    /// Fits the regression; `nil` without a comparison.
    ///
    /// - Parameters:
    ///   - clusters: The comparisons of each prompt.
    ///   - ridge: Strength of ½ (θ² + φ²) beside the summed losses, so that one-sided data has a fit.
    ///   - bootstrap: How the interval is made.
    public init?(
        clusters: [[Comparison]],
        ridge: Double = 0.01,
        bootstrap: Bootstrap = Bootstrap(resamples: 200)
    ) {
        let all = clusters.flatMap(\.self)
        guard !all.isEmpty else { return nil }
        let deviation = Sample.deviation(all.map(\.lengthDifference)) ?? 0
        let rows = clusters.filter { !$0.isEmpty }.map { cluster in
            cluster.map { ($0.outcome, deviation > 0 ? tanh($0.lengthDifference / deviation) : 0) }
        }
        (quality, lengthEffect) = Self.fit(rows.flatMap(\.self), ridge)
        rate = sigmoid(quality)
        interval = bootstrap.interval(clusters: rows.count) { places in
            sigmoid(Self.fit(places.flatMap { rows[$0] }, ridge).quality)
        }
    }

    /// Newton's method; the loss is convex and smooth, so that damped steps always arrive.
    private static func fit(
        _ rows: [(outcome: Double, term: Double)],
        _ ridge: Double
    ) -> (quality: Double, length: Double) {
        var point = (0.0, 0.0)
        var loss = self.loss(rows, point, ridge)
        for _ in 0..<100 {
            let step = newtonStep(rows, point, ridge)
            var scale = 1.0
            var next = point
            var nextLoss = loss
            repeat {
                next = (point.0 - scale * step.0, point.1 - scale * step.1)
                nextLoss = self.loss(rows, next, ridge)
                scale /= 2
            } while nextLoss > loss && scale > 1e-10
            guard nextLoss < loss else { break }
            (point, loss) = (next, nextLoss)
        }
        return point
    }

    private static func loss(
        _ rows: [(outcome: Double, term: Double)],
        _ point: (Double, Double),
        _ ridge: Double
    ) -> Double {
        rows.reduce(ridge / 2 * (point.0 * point.0 + point.1 * point.1)) { total, row in
            let logit = point.0 + point.1 * row.term
            return total + softplus(logit) - row.outcome * logit
        }
    }

    private static func newtonStep(
        _ rows: [(outcome: Double, term: Double)],
        _ point: (Double, Double),
        _ ridge: Double
    ) -> (Double, Double) {
        var slope = (ridge * point.0, ridge * point.1)
        var (own, mixed, length) = (ridge, 0.0, ridge)
        for row in rows {
            let probability = sigmoid(point.0 + point.1 * row.term)
            let error = probability - row.outcome
            let weight = probability * (1 - probability)
            slope.0 += error
            slope.1 += error * row.term
            own += weight
            mixed += weight * row.term
            length += weight * row.term * row.term
        }
        // Positive by the ridge.
        let determinant = own * length - mixed * mixed
        return (
            (length * slope.0 - mixed * slope.1) / determinant,
            (own * slope.1 - mixed * slope.0) / determinant
        )
    }
}
