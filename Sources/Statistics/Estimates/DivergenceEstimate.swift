import Foundation

/// KL(π‖π_ref) of sequences drawn from π, from log-ratios d = log π − log π_ref of their tokens, nat.
///
/// Schulman 2020, "Approximating KL divergence"; a sequence's is the sum over its tokens.
public struct DivergenceEstimate: Sendable, Hashable, Codable {
    /// The mean over sequences of Σ d: unbiased, may be negative.
    public var k1: Double
    /// The mean over sequences of Σ (exp(−d) − 1 + d): never negative.
    public var k3: Double

    /// From the log-ratios of each sequence's tokens.
    ///
    /// - Returns: `nil` of no sequences.
    public init?(_ sequences: [[Double]]) {
        guard let k1 = Sample.mean(sequences.map { $0.reduce(0, +) }),
            let k3 = Sample.mean(sequences.map { $0.reduce(0) { $0 + Self.k3($1) } })
        else { return nil }
        self.k1 = k1
        self.k3 = k3
    }

    /// exp(−d) − 1 + d of one token; the exponent is held to ±20, as trainers do.
    public static func k3(_ logRatio: Double) -> Double {
        let d = min(max(logRatio, -20), 20)
        return expm1(-d) + d
    }
}
