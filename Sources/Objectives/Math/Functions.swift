import Domain
import Foundation

/// The logistic function.
package func sigmoid(_ x: Dual) -> Dual {
    let value = sigmoid(x.value)
    return x.chained(value, derivative: value * sigmoid(-x.value))
}

/// `log(1 + exp(x))`.
package func softplus(_ x: Dual) -> Dual {
    x.chained(softplus(x.value), derivative: sigmoid(x.value))
}

/// The log of the logistic function, linear far below zero.
package func logSigmoid(_ x: Dual) -> Dual { -softplus(-x) }

/// The exponential.
package func exp(_ x: Dual) -> Dual {
    let value = Foundation.exp(x.value)
    return x.chained(value, derivative: value)
}

/// The natural logarithm.
package func log(_ x: Dual) -> Dual {
    x.chained(Foundation.log(x.value), derivative: 1 / x.value)
}

/// `log(1 - exp(x))` for negative `x`, accurate near both ends.
package func logOneMinusExp(_ x: Dual) -> Dual {
    let value =
        x.value > -0.6931 ? Foundation.log(-expm1(x.value)) : log1p(-Foundation.exp(x.value))
    return x.chained(value, derivative: 1 - 1 / -expm1(x.value))
}

/// `max(0, x)`, with derivative 0 at the kink; not a number stays so.
package func positivePart(_ x: Dual) -> Dual { x.value <= 0 ? Dual(0) : x }

/// The smaller of the two, the first where they are equal; not a number wins over any number.
package func smaller(_ left: Dual, _ right: Dual) -> Dual {
    right.value < left.value || right.value.isNaN ? right : left
}

/// The larger of the two, the first where they are equal; not a number wins over any number.
package func larger(_ left: Dual, _ right: Dual) -> Dual {
    right.value > left.value || right.value.isNaN ? right : left
}

/// `log(sum(exp(x)))`, shifted by the largest; the list must not be empty.
package func logSumExp(_ list: some Sequence<Dual>) -> Dual {
    let shift = list.reduce(-Double.infinity) { Swift.max($0, $1.value) }
    return log(list.reduce(Dual(0)) { $0 + exp($1 - shift) }) + shift
}

/// The softmax of constants, shifted by the largest.
package func softmax(_ list: [Double]) -> [Double] {
    let shift = list.max() ?? 0
    let powers = list.map { Foundation.exp($0 - shift) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
}
