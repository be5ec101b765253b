import Domain
import Foundation

/// Fits a linear head on fixed features, standardised first, then folds the standardisation back in.
struct HeadFit {
    /// One row of features a text: (texts, features).
    let features: [[Double]]
    /// Strength λ of the L2 penalty on standardised weights: λ/2 · |w|² beside a mean over the data.
    let l2: Double

    /// A head on raw features.
    struct Head {
        var weight: [Double]
        var bias: Double
    }

    /// Ridge regression on ratings: min mean (w·z + b − rating)² / 2 + λ/2 · |w|².
    func ridge(_ ratings: [Double]) -> Head {
        let scaling = Scaling(features)
        let rows = features.map(scaling.standardise)
        let mean = ratings.reduce(0, +) / Double(max(1, ratings.count))
        let weight = ConvexMinimiser().minimise(from: zeros) { weight in
            penalised(weight, ratings.count) { gradient in
                var value = 0.0
                for (row, rating) in zip(rows, ratings) {
                    let residual = dot(weight, row) + mean - rating
                    value += residual * residual / 2
                    accumulate(&gradient, row, residual)
                }
                return value
            }
        }
        return scaling.fold(weight, bias: mean)
    }

    /// Bradley–Terry on pairs: min mean −log σ(w·(z_chosen − z_rejected)) + λ/2 · |w|².
    ///
    /// The bias cannot be told from pairs; it centres the scores of the given texts on 0.
    func bradleyTerry(chosen: [Int], rejected: [Int]) -> Head {
        let scaling = Scaling(features)
        let rows = features.map(scaling.standardise)
        let weight = ConvexMinimiser().minimise(from: zeros) { weight in
            penalised(weight, chosen.count) { gradient in
                let scores = rows.map { dot(weight, $0) }
                var slopes = [Double](repeating: 0, count: rows.count)
                var value = 0.0
                for (winner, loser) in zip(chosen, rejected) {
                    let margin = scores[winner] - scores[loser]
                    value += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
                    let slope = -1 / (1 + exp(margin))
                    slopes[winner] += slope
                    slopes[loser] -= slope
                }
                for (row, slope) in zip(rows, slopes) where slope != 0 {
                    accumulate(&gradient, row, slope)
                }
                return value
            }
        }
        return scaling.fold(weight, bias: 0)
    }

    private var zeros: [Double] { Array(repeating: 0, count: features.first?.count ?? 0) }

    private func penalised(
        _ weight: [Double],
        _ count: Int,
        _ data: (inout [Double]) -> Double
    ) -> (value: Double, gradient: [Double]) {
        let strength = l2 * Double(count)
        var gradient = weight.map { $0 * strength }
        let value = data(&gradient)
        return (value + strength / 2 * dot(weight, weight), gradient)
    }

    private func accumulate(_ gradient: inout [Double], _ row: [Double], _ factor: Double) {
        for index in gradient.indices { gradient[index] += factor * row[index] }
    }

    /// Mean and deviation of each feature.
    private struct Scaling {
        private var mean: [Double]
        private var deviation: [Double]

        init(_ features: [[Double]]) {
            let (count, width) = (Double(max(1, features.count)), features.first?.count ?? 0)
            var (mean, square) = (
                [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
            )
            for row in features {
                for index in row.indices { mean[index] += row[index] / count }
            }
            for row in features {
                for index in row.indices {
                    let difference = row[index] - mean[index]
                    square[index] += difference * difference / count
                }
            }
            self.mean = mean
            // A constant feature carries nothing: any scale will do.
            deviation = square.map { $0 > 1e-12 ? $0.squareRoot() : 1 }
        }

        func standardise(_ row: [Double]) -> [Double] {
            row.indices.map { (row[$0] - mean[$0]) / deviation[$0] }
        }

        func fold(_ weight: [Double], bias: Double) -> Head {
            let raw = weight.indices.map { weight[$0] / deviation[$0] }
            return Head(weight: raw, bias: bias - dot(raw, mean))
        }
    }
}
