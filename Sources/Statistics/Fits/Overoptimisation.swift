import Foundation

/// How a reward goes with the distance from the initial policy, d = √KL nat (Gao, Schulman and Hilton
/// 2022, arXiv 2210.10760, equations 1 and 2): gold rewards rise and then fall.
public struct Overoptimisation: Sendable, Hashable, Codable {
    /// What leads away from the initial policy.
    public enum Method: String, Sendable, Hashable, Codable {
        /// R = d (α − β log d).
        case reinforcement = "rl"
        /// R = d (α − β d).
        case bestOfN = "best_of_n"
    }

    /// Which of the two curves was fitted.
    public var method: Method
    /// The initial policy's reward, which the curve is measured from.
    public var start: Double
    /// What a small distance gains for its length.
    public var alpha: Double
    /// How fast the gain is lost.
    public var beta: Double
    /// The distance of the highest reward, √nat; `nil` when β ≤ 0, where the curve has no top, or the
    /// distance is not a finite number.
    public var peakDistance: Double?
    /// The curve's reward there.
    public var peakReward: Double?
    /// The share of the rewards' squared distances from `start` that the curve accounts for.
    public var determination: Double

    /// Fits α and β by least squares; `nil` of fewer than two different distances.
    ///
    /// - Parameters:
    ///   - points: Distances √KL, and rewards there; distances of 0 or less say nothing and are left out.
    ///   - start: The reward at distance 0.
    ///   - method: The curve.
    public init?(
        _ points: [(distance: Double, reward: Double)],
        start: Double,
        method: Method = .reinforcement
    ) {
        let usable = points.filter { $0.distance > 0 && $0.distance.isFinite && $0.reward.isFinite }
        let rows = usable.map {
            (gain: $0.distance, loss: Self.loss(method, $0.distance), rise: $0.reward - start)
        }
        let gg = rows.reduce(0) { $0 + $1.gain * $1.gain }
        let gl = rows.reduce(0) { $0 + $1.gain * $1.loss }
        let ll = rows.reduce(0) { $0 + $1.loss * $1.loss }
        let gr = rows.reduce(0) { $0 + $1.gain * $1.rise }
        let lr = rows.reduce(0) { $0 + $1.loss * $1.rise }
        let determinant = gg * ll - gl * gl
        guard Set(usable.map(\.distance)).count > 1, determinant > 1e-12 * gg * ll else {
            return nil
        }
        self.method = method
        self.start = start
        let alpha = (gr * ll - lr * gl) / determinant
        let beta = (gr * gl - lr * gg) / determinant
        (self.alpha, self.beta) = (alpha, beta)
        let missed = rows.reduce(0) {
            $0 + pow($1.rise - alpha * $1.gain + beta * $1.loss, 2)
        }
        let whole = rows.reduce(0) { $0 + $1.rise * $1.rise }
        determination = whole > 0 ? 1 - missed / whole : 1
        if beta > 0 {
            let peak = method == .bestOfN ? alpha / (2 * beta) : exp(alpha / beta - 1)
            if peak.isFinite, peak > 0 {
                peakDistance = peak
                peakReward = reward(at: peak)
            }
        }
    }

    /// The curve's reward at a distance above 0, √nat.
    public func reward(at distance: Double) -> Double {
        start + alpha * distance - beta * Self.loss(method, distance)
    }

    /// The curve's slope at a distance above 0: below 0 the reward is being lost.
    public func slope(at distance: Double) -> Double {
        switch method {
        case .reinforcement: alpha - beta * (log(distance) + 1)
        case .bestOfN: alpha - 2 * beta * distance
        }
    }

    /// What β is multiplied by.
    private static func loss(_ method: Method, _ distance: Double) -> Double {
        switch method {
        case .reinforcement: distance * log(distance)
        case .bestOfN: distance * distance
        }
    }
}
