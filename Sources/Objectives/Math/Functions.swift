import Foundation

/// The logistic function, without overflow at either end.
public func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// `log(1 + exp(x))`, without overflow.
public func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// The logistic function.
public func sigmoid(_ x: Dual) -> Dual {
    let value = sigmoid(x.value)
    return x.chained(value, derivative: value * sigmoid(-x.value))
}

/// `log(1 + exp(x))`.
public func softplus(_ x: Dual) -> Dual {
    x.chained(softplus(x.value), derivative: sigmoid(x.value))
}

/// The log of the logistic function, linear far below zero.
public func logSigmoid(_ x: Dual) -> Dual { -softplus(-x) }

/// The exponential.
public func exp(_ x: Dual) -> Dual {
    let value = Foundation.exp(x.value)
    return x.chained(value, derivative: value)
}

/// The natural logarithm.
public func log(_ x: Dual) -> Dual {
    x.chained(Foundation.log(x.value), derivative: 1 / x.value)
}

/// `log(1 - exp(x))` for negative `x`, accurate near both ends.
public func logOneMinusExp(_ x: Dual) -> Dual {
    let value =
        x.value > -0.6931 ? Foundation.log(-expm1(x.value)) : log1p(-Foundation.exp(x.value))
    return x.chained(value, derivative: 1 - 1 / -expm1(x.value))
}

/// `max(0, x)`, with derivative 0 at the kink; not a number stays so.
public func positivePart(_ x: Dual) -> Dual { x.value <= 0 ? Dual(0) : x }

/// The smaller of the two, the first where they are equal; not a number wins over any number.
public func smaller(_ left: Dual, _ right: Dual) -> Dual {
    right.value < left.value || right.value.isNaN ? right : left
}

/// The larger of the two, the first where they are equal; not a number wins over any number.
public func larger(_ left: Dual, _ right: Dual) -> Dual {
    right.value > left.value || right.value.isNaN ? right : left
}

/// `log(sum(exp(x)))`, shifted by the largest; the list must not be empty.
public func logSumExp(_ list: some Sequence<Dual>) -> Dual {
    let shift = list.reduce(-Double.infinity) { Swift.max($0, $1.value) }
    return log(list.reduce(Dual(0)) { $0 + exp($1 - shift) }) + shift
}

/// The softmax of constants, shifted by the largest.
public func softmax(_ list: [Double]) -> [Double] {
    let shift = list.max() ?? 0
    let powers = list.map { Foundation.exp($0 - shift) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
