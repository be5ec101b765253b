import Foundation

/// Quantiles of the distributions that confidence intervals are made with.
public enum Quantiles {
    /// The number that a standard normal variable stays below with `probability`, which is in (0, 1).
    public static func normal(_ probability: Double) -> Double {
        bisect(from: -40, to: 40) { 0.5 * erfc(-$0 / 2.0.squareRoot()) < probability }
    }

    /// The number that Student's t with `degrees` of freedom stays below with `probability`.
    ///
    /// - Parameters:
    ///   - probability: Between 0 and 1, neither of them.
    ///   - degrees: Above 0.
    /// - Returns: The quantile; that of 1 - p is its negative.
    public static func student(_ probability: Double, degrees: Double) -> Double {
        if probability < 0.5 { return -student(1 - probability, degrees: degrees) }
        let tail = 1 - probability
        var top = 1.0
        while top < 1e150 && upperTail(of: top, degrees: degrees) > tail { top *= 2 }
        return bisect(from: 0, to: top) { upperTail(of: $0, degrees: degrees) > tail }
    }

    /// P(T > t) for t ≥ 0: half of I_x(ν/2, 1/2) at x = ν / (ν + t²).
    private static func upperTail(of t: Double, degrees: Double) -> Double {
        0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
    }

    /// The last place where `isBelow` holds, which it does up to there.
    private static func bisect(
        from low: Double,
        to high: Double,
        isBelow: (Double) -> Bool
    ) -> Double {
        var (low, high) = (low, high)
        while true {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { return middle }
            if isBelow(middle) { low = middle } else { high = middle }
        }
    }

    /// The regularised incomplete beta function I_x(a, b).
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
        )
        // The fraction converges fast on this side of the mean only.
        return x < (a + 1) / (a + b + 2)
            ? front * betaFraction(x, a, b) / a : 1 - front * betaFraction(1 - x, b, a) / b
    }

    private static func logGamma(_ x: Double) -> Double {
        let (value, _) = lgamma(x)
        return value
    }

    /// The continued fraction of I_x(a, b) by Lentz's method (Abramowitz and Stegun 1964, 26.5.8).
    private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        func away(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...1000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            fraction *= c * d
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            fraction *= c * d
            if abs(c * d - 1) < 1e-16 { break }
        }
        return fraction
    }
}
