import Foundation

/// What the best of n completions is worth, from N ≥ n of them.
public enum BestOfN {
    /// The expectation of `values` at the best of n completions by `ranks`, without bias.
    ///
    /// Of the N completions sorted by rank, the i-th (from 1) is the best of n drawn without repetition
    /// with probability C(i − 1, n − 1) / C(N, n). Equal ranks share theirs.
    /// - Parameters:
    ///   - n: How many are chosen from.
    ///   - values: What each is worth; its own rank when absent.
    ///   - ranks: What the best is chosen by.
    /// - Returns: `nil` when n is above N or below 1.
    public static func expectation(
        _ n: Int,
        of values: [Double]? = nil,
        by ranks: [Double]
    )
        -> Double?
    {
        let values = values ?? ranks
        guard n >= 1, n <= ranks.count, values.count == ranks.count else { return nil }
        let order = ranks.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
        let weights = self.weights(n, of: ranks.count)
        var (total, first) = (0.0, 0)
        while first < order.count {
            var end = first + 1
            while end < order.count && ranks[order[end]] == ranks[order[first]] { end += 1 }
            let mass = weights[first..<end].reduce(0, +)
            let sum = order[first..<end].reduce(0) { $0 + values[$1] }
            total += mass * sum / Double(end - first)
            first = end
        }
        return total
    }

    /// C(i − 1, n − 1) / C(N, n) for i = 1 … N.
    private static func weights(_ n: Int, of count: Int) -> [Double] {
        // From the largest down: w_N = n / N, w_{i} = w_{i+1} (i − n + 1) / i.
        var weights = [Double](repeating: 0, count: count)
        var weight = Double(n) / Double(count)
        for place in stride(from: count, through: n, by: -1) {
            weights[place - 1] = weight
            weight *= Double(place - n) / Double(max(1, place - 1))
        }
        return weights
    }

    /// How far choosing the best of n leads from the policy, nat: log n − (n − 1) / n.
    ///
    /// An upper bound (Beirami et al. 2024, arXiv 2401.01879).
    public static func divergence(_ n: Int) -> Double {
        log(Double(n)) - Double(n - 1) / Double(n)
    }
}
