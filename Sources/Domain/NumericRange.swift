/// A range of finite numbers with open or closed ends, as written in documentation: `[0, 0.5)`.
public struct NumericRange: Sendable, Hashable, CustomStringConvertible {
    /// The lower end; −∞ leaves the range open below.
    public var lower: Double
    /// The upper end; ∞ leaves the range open above.
    public var upper: Double
    /// Whether `lower` itself is allowed.
    public var includesLower: Bool
    /// Whether `upper` itself is allowed.
    public var includesUpper: Bool

    /// The range between two ends, both of them included unless said otherwise.
    public init(
        _ lower: Double,
        _ upper: Double,
        includesLower: Bool = true,
        includesUpper: Bool = true
    ) {
        self.lower = lower
        self.upper = upper
        self.includesLower = includesLower
        self.includesUpper = includesUpper
    }

    /// Every finite number.
    public static let any = NumericRange(-.infinity, .infinity)
    /// Zero and above.
    public static let nonNegative = NumericRange(0, .infinity)
    /// Above zero.
    public static let positive = NumericRange(0, .infinity, includesLower: false)
    /// From 0 to 1, both included.
    public static let unit = NumericRange(0, 1)

    /// Whether `value` is finite and inside.
    public func contains(_ value: Double) -> Bool {
        value.isFinite
            && (includesLower ? value >= lower : value > lower)
            && (includesUpper ? value <= upper : value < upper)
    }

    /// The range in words or interval notation, to follow "must be": `at least 0.0`, `in [0.0,
    /// 0.5)`.
    public var description: String {
        switch (lower.isFinite, upper.isFinite) {
        case (false, false): "a finite number"
        case (true, false): includesLower ? "at least \(lower)" : "greater than \(lower)"
        case (false, true): includesUpper ? "at most \(upper)" : "less than \(upper)"
        case (true, true):
            "in \(includesLower ? "[" : "(")\(lower), \(upper)\(includesUpper ? "]" : ")")"
        }
    }
}
