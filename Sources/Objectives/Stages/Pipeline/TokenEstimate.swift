/// Advantages, and with a value head returns, of every token of every completion of every group.
struct TokenEstimate: Sendable {
    /// By group, completion and token.
    var advantages: [[[Double]]]
    /// The same for the value head's targets.
    var returns: [[[Double]]]?

    /// Zeros.
    init(_ input: StageInput, hasReturns: Bool) {
        advantages = input.groups.map { group in
            group.completions.map { [Double](repeating: 0, count: $0.length) }
        }
        returns = hasReturns ? advantages : nil
    }

    /// `(A - λ A_cost) / (1 + λ)`; the returns stay the reward's.
    ///
    /// Source: Dai et al. 2023, arXiv 2310.12773, equation 30.
    mutating func constrain(_ costs: TokenEstimate, _ multiplier: Double) {
        for group in advantages.indices {
            for sample in advantages[group].indices {
                for token in advantages[group][sample].indices {
                    let cost = costs.advantages[group][sample][token]
                    advantages[group][sample][token] -= multiplier * cost
                    advantages[group][sample][token] /= 1 + multiplier
                }
            }
        }
    }

    /// The largest size among each completion's advantages.
    func sizes(group: Int) -> [Double] {
        advantages[group].map { $0.reduce(0) { max($0, abs($1)) } }
    }
}
