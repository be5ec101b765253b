import Foundation

/// 1/(1 + e^-x), without overflow for any x.
func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// The logarithm of `logistic(x)`, exact where that rounds to 0 or 1.
func logLogistic(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }
