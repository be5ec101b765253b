import Domain

/// How a text's attributes become its score.
///
/// Source: ArmoRM, Wang et al. 2024, arXiv 2406.12845, section 2.
struct AttributeMixture: Sendable, Hashable, Codable {
    /// The attributes, in the order of the head's outputs.
    var names: [String]
    /// What of the verbosity is taken off each attribute; zeros where nothing is held back.
    var penalties: [Double]
    /// The place of the verbosity among the attributes: it weighs nothing itself.
    var verbosity: Int?
    /// What attributes are weighted by where there is no gate; they add up to 1 in size.
    var weights: [Double]

    /// The fixed weights of a spec: all alike unless said.
    init(_ settings: RewardHead.Attributes, names: [String], penalties: [Double]) {
        self.names = names
        self.penalties = penalties
        let verbosity = names.firstIndex(of: settings.verbosity)
        self.verbosity = verbosity
        let given = names.indices.map { index in
            if index == verbosity { return 0.0 }
            return settings.weights.isEmpty ? 1 : settings.weights[names[index]] ?? 0
        }
        let size = given.reduce(0) { $0 + abs($1) }
        weights = given.map { size > 0 ? $0 / size : 0 }
    }

    /// The attributes with the verbosity taken off.
    func decorrelated(_ ratings: [Double]) -> [Double] {
        guard let verbosity else { return ratings }
        return ratings.indices.map { ratings[$0] - penalties[$0] * ratings[verbosity] }
    }

    /// The score of decorrelated attributes, by a gate's weights or the fixed ones.
    func score(_ attributes: [Double], gate: [Double]?) -> Double {
        guard let gate else { return dot(attributes, weights) }
        return attributes.indices.reduce(0) {
            $1 == verbosity ? $0 : $0 + gate[$1] * attributes[$1]
        }
    }
}

/// The smallest share of the verbosity that keeps an attribute from following it (ArmoRM, section
/// 2.2).
enum VerbosityPenalty {
    /// The shares that are tried.
    static let grid = (0...95).map { Double($0) / 100 }

    /// A share for each attribute: the first whose rank correlation with the verbosity is at most
    /// `limit`, or that of the smallest one; 0 for the verbosity itself.
    ///
    /// - Parameters:
    ///   - ratings: the attributes of some texts: (texts, attributes).
    ///   - verbosity: the place of the verbosity among them.
    ///   - limit: the rank correlation that is let be.
    /// - Returns: a number from 0 to 0.95 for each attribute.
    static func penalties(
        _ ratings: [[Double]],
        verbosity: Int,
        limit: Double
    ) -> [Double] {
        let long = ratings.map { $0[verbosity] }
        let order = ranks(long)
        return (ratings.first ?? []).indices.map { attribute in
            guard attribute != verbosity else { return 0 }
            var best = (penalty: 0.0, correlation: Double.infinity)
            for penalty in grid {
                let rest = ratings.map { $0[attribute] - penalty * $0[verbosity] }
                let correlation = correlation(ranks(rest), order)
                if correlation <= limit { return penalty }
                if correlation < best.correlation { best = (penalty, correlation) }
            }
            return best.penalty
        }
    }

    /// Spearman's rank correlation.
    static func spearman(_ left: [Double], _ right: [Double]) -> Double {
        correlation(ranks(left), ranks(right))
    }

    /// Places in ascending order; equal numbers share the mean of theirs.
    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var result = [Double](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
            for place in first..<end { result[order[place]] = Double(first + end - 1) / 2 }
            first = end
        }
        return result
    }

    /// 0 where one of the two does not vary.
    private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
        let count = Double(max(1, left.count))
        let (a, b) = (left.reduce(0, +) / count, right.reduce(0, +) / count)
        let (x, y) = (left.map { $0 - a }, right.map { $0 - b })
        let size = (dot(x, x) * dot(y, y)).squareRoot()
        return size > 0 ? dot(x, y) / size : 0
    }
}
