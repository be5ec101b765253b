public import Domain

/// Compares an answer with what was expected of it, number by number.
public struct GoldenComparison: Sendable {
    /// What differs first, with its path; `nil`: nothing does.
    public let difference: String?

    /// Fields that only the answer has are not compared.
    ///
    /// - Parameters:
    ///   - answer: What was computed.
    ///   - expected: What it must hold; `.null` is itself a difference.
    ///   - tolerance: Relative above 1, absolute below; the default allows for the rounding of
    ///     expected values written with 12 digits.
    public init(_ answer: Value, expected: Value, tolerance: Double = 1e-6) {
        difference =
            expected == .null
            ? "the line has no \"expected\"" : Self.compare(answer, expected, "$", tolerance)
    }

    private static func compare(
        _ answer: Value,
        _ expected: Value,
        _ path: String,
        _ tolerance: Double
    ) -> String? {
        if let wanted = expected.doubleValue {
            guard let found = answer.doubleValue else {
                return "\(path) is \(answer.kindName), not \(wanted)"
            }
            let isClose = abs(found - wanted) <= tolerance * max(1, abs(wanted))
            return isClose ? nil : "\(path) is \(found), not \(wanted)"
        }
        if let wanted = expected.arrayValue {
            guard let found = answer.arrayValue, found.count == wanted.count else {
                return "\(path) has not \(wanted.count) elements"
            }
            for (index, pair) in zip(found, wanted).enumerated() {
                let place = "\(path)[\(index)]"
                if let difference = compare(pair.0, pair.1, place, tolerance) { return difference }
            }
            return nil
        }
        if let wanted = expected.objectValue {
            for name in wanted.keys.sorted() {
                guard let field = wanted[name] else { continue }
                let place = "\(path).\(name)"
                let difference = compare(answer[name] ?? .null, field, place, tolerance)
                if let difference { return difference }
            }
            return nil
        }
        return answer == expected ? nil : "\(path) differs"
    }
}
