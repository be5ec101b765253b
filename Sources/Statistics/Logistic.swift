import Foundation

/// The logistic function, without overflow at either end.
public func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// `log(1 + exp(x))`, without overflow.
func softened(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
