import Foundation

/// A number that carries its partial derivatives (forward-mode differentiation).
///
/// An objective writes its paper's equation once, in duals; the gradient falls out exactly. Eight
/// slots are enough: a pair has three completions, each with its log-probability and one more sum;
/// a token has its log-probability and the fields of `slots(of:)`; a group is evaluated eight
/// completions at a time (see `GroupObjective`).
package struct Dual: Sendable, Hashable {
    /// The number itself.
    package var value: Double
    /// The derivative with respect to each slot's variable.
    package var partials: SIMD8<Double>

    /// A constant, unless partial derivatives are given.
    package init(_ value: Double, partials: SIMD8<Double> = .zero) {
        self.value = value
        self.partials = partials
    }

    /// The variable of `slot` (0 to 7); `nil` gives a constant.
    package static func variable(_ value: Double, slot: Int?) -> Dual {
        var result = Dual(value)
        if let slot { result.partials[slot] = 1 }
        return result
    }

    /// The result of a function with this `value` and this `derivative` at the receiver.
    ///
    /// A zero derivative cuts the chain, so that a saturated function never meets an infinity.
    package func chained(_ value: Double, derivative: Double) -> Dual {
        Dual(value, partials: derivative == 0 ? .zero : partials * derivative)
    }

    /// The same number within `range`; no derivative outside it.
    package func clamped(to range: ClosedRange<Double>) -> Dual {
        if value < range.lowerBound { return Dual(range.lowerBound) }
        return value > range.upperBound ? Dual(range.upperBound) : self
    }

    /// The square.
    package var squared: Dual { chained(value * value, derivative: 2 * value) }
}

extension Dual {
    /// The sum.
    package static func + (left: Dual, right: Dual) -> Dual {
        Dual(left.value + right.value, partials: left.partials + right.partials)
    }

    /// The difference.
    package static func - (left: Dual, right: Dual) -> Dual {
        Dual(left.value - right.value, partials: left.partials - right.partials)
    }

    /// The product.
    package static func * (left: Dual, right: Dual) -> Dual {
        let partials = left.partials * right.value + right.partials * left.value
        return Dual(left.value * right.value, partials: partials)
    }

    /// The quotient.
    package static func / (left: Dual, right: Dual) -> Dual {
        let value = left.value / right.value
        return Dual(value, partials: (left.partials - right.partials * value) / right.value)
    }

    /// The sum with a constant.
    package static func + (left: Dual, right: Double) -> Dual { left + Dual(right) }

    /// The difference from a constant.
    package static func - (left: Dual, right: Double) -> Dual { left - Dual(right) }

    /// A constant less the number.
    package static func - (left: Double, right: Dual) -> Dual { Dual(left) - right }

    /// The multiple.
    package static func * (left: Double, right: Dual) -> Dual {
        right.chained(left * right.value, derivative: left)
    }

    /// The fraction.
    package static func / (left: Dual, right: Double) -> Dual {
        left.chained(left.value / right, derivative: 1 / right)
    }

    /// The opposite.
    package static prefix func - (operand: Dual) -> Dual { -1 * operand }

    /// Adds in place.
    package static func += (left: inout Dual, right: Dual) { left = left + right }
}
