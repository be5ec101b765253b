import Domain
import Foundation

// Fits of one number a text.
extension HeadFit {
    /// Ridge regression on ratings: min mean (w·z + b − rating)² / 2 + λ/2 · |w|².
    ///
    /// - Parameters:
    ///   - ratings: one a text; `nil` leaves the text out.
    ///   - weights: how often each text counts; empty is once.
    /// - Returns: a head whose mean score is the mean rating.
    func ridge(_ ratings: [Double?], weights: [Double] = []) -> Head {
        let known = ratings.indices.filter { ratings[$0] != nil && weight($0, weights) > 0 }
        let count = known.reduce(0) { $0 + weight($1, weights) }
        let sum = known.reduce(0) { $0 + weight($1, weights) * (ratings[$1] ?? 0) }
        let mean = sum / max(1, count)
        let solution = solve(count: count, from: zeros) { weight in
            var (value, slopes) = (0.0, zeroSlopes)
            for index in known {
                let residual = dot(weight, rows[index]) + mean - (ratings[index] ?? 0)
                let times = self.weight(index, weights)
                value += times * residual * residual / 2
                slopes[index] = times * residual
            }
            return (value, slopes)
        }
        return scaling.fold(solution, bias: mean)
    }

    /// Bradley–Terry on pairs: min mean −p log σ(Δ) − (1 − p) log σ(−Δ) + λ/2 · |w|² with
    /// Δ = w·(z_chosen − z_rejected) − margin.
    ///
    /// The bias cannot be told from pairs; it centres the scores of the given texts on 0.
    ///
    /// - Parameters:
    ///   - pairs: pairs of texts.
    ///   - prior: what is known without them. The penalty is then the distance from its weights, with
    ///     the strength of the pairs and those that it is worth together, and the mean score of the
    ///     given texts stays what it was.
    /// - Returns: a head on raw features.
    func bradleyTerry(_ pairs: [Pair], prior: Prior? = nil) -> Head {
        let known = prior.map { scaling.unfold($0.head) }
        // The loss is a sum over the pairs, the penalty that of a mean: λ times their number.
        let count = pairs.reduce(0) { $0 + $1.weight } + (prior?.pairs ?? 0)
        let start = known?.weight ?? zeros
        let solution = solve(count: count, from: start, anchor: known?.weight) { weight in
            let scores = rows.map { dot(weight, $0) }
            var (value, slopes) = (0.0, zeroSlopes)
            for pair in pairs {
                let margin = scores[pair.chosen] - scores[pair.rejected] - pair.margin
                let loss = margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
                value += pair.weight * (loss + (1 - pair.probability) * margin)
                let slope = pair.weight * (1 - pair.probability - 1 / (1 + exp(margin)))
                slopes[pair.chosen] += slope
                slopes[pair.rejected] -= slope
            }
            return (value, slopes)
        }
        return scaling.fold(solution, bias: known?.mean ?? 0)
    }

    /// Logistic regression on good and bad texts: min mean −log σ(±(w·z + b)) + λ/2 · |w|².
    func logistic(_ labels: [Bool], weights: [Double] = []) -> Head {
        let count = labels.indices.reduce(0) { $0 + weight($1, weights) }
        let solution = solve(count: count, from: zeros + [0], hasBias: true) { weight in
            var (value, slopes) = (0.0, zeroSlopes)
            for (index, label) in labels.enumerated() {
                let times = self.weight(index, weights)
                let score = dot(rows[index], weight) + weight[weight.count - 1]
                value += times * (softplus(score) - (label ? score : 0))
                slopes[index] = times * (sigmoid(score) - (label ? 1 : 0))
            }
            return (value, slopes)
        }
        return scaling.fold(Array(solution.dropLast()), bias: solution.last ?? 0)
    }

    /// The likelihood of ranked lists: min mean −Σ_i (s_i − log Σ_{j ≥ i} exp s_j) + λ/2 · |w|²
    /// (Plackett 1975).
    ///
    /// - Parameters:
    ///   - lists: indices of texts, the best first.
    ///   - weights: how often each list counts; empty is once.
    /// - Returns: a head that centres the scores of the given texts on 0.
    func plackettLuce(_ lists: [[Int]], weights: [Double] = []) -> Head {
        let count = lists.indices.reduce(0) { $0 + weight($1, weights) }
        let solution = solve(count: count, from: zeros) { weight in
            let scores = rows.map { dot(weight, $0) }
            var (value, slopes) = (0.0, zeroSlopes)
            for (index, list) in lists.enumerated() {
                for place in list.indices.dropLast() {
                    value += rank(list[place...], scores, self.weight(index, weights), &slopes)
                }
            }
            return (value, slopes)
        }
        return scaling.fold(solution, bias: 0)
    }

    /// The loss of the first of a list being chosen among the rest, times a weight.
    private func rank(
        _ rest: ArraySlice<Int>,
        _ scores: [Double],
        _ weight: Double,
        _ slopes: inout [Double]
    ) -> Double {
        let largest = rest.reduce(-Double.infinity) { max($0, scores[$1]) }
        let powers = rest.map { exp(scores[$0] - largest) }
        let total = powers.reduce(0, +)
        let first = rest[rest.startIndex]
        slopes[first] -= weight
        for (member, power) in zip(rest, powers) { slopes[member] += weight * power / total }
        return weight * (log(total) + largest - scores[first])
    }
}
