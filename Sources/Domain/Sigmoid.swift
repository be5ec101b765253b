import Foundation

/// The logistic function 1 / (1 + e^-x), without overflow at either end.
public func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// `log(1 + exp(x))`, without overflow: minus the logarithm of `sigmoid(-x)`.
public func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
