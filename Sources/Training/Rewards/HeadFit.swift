import Domain
import Foundation

/// Fits linear heads on fixed features, standardised first, then folds the standardisation back in.
///
/// All fits but that of preferences are convex: they have one answer, whatever they start from.
struct HeadFit {
    /// Strength λ of the L2 penalty on standardised weights: λ/2 · |w|² beside a mean over the data.
    private(set) var l2: Double
    let scaling: Scaling
    /// Standardised features: (texts, features).
    let rows: [[Double]]

    /// - Parameters:
    ///   - features: one row of features a text: (texts, features).
    ///   - l2: strength of the penalty.
    init(features: [[Double]], l2: Double) {
        self.l2 = l2
        let scaling = Scaling(features)
        self.scaling = scaling
        rows = features.map(scaling.standardise)
    }

    /// The same data with another penalty.
    func with(l2: Double) -> HeadFit {
        var fit = self
        fit.l2 = l2
        return fit
    }

    /// A head on raw features.
    struct Head: Sendable, Hashable {
        var weight: [Double]
        var bias: Double
    }

    /// A head that is known, and how many pairs it is worth.
    struct Prior: Sendable, Hashable {
        var head: Head
        var pairs: Double
    }

    /// Two texts and how sure it is that the first is the better one.
    struct Pair: Sendable, Hashable {
        var chosen: Int
        var rejected: Int
        /// By how much its score must be the higher one.
        var margin = 0.0
        var probability = 1.0
        /// How often the pair counts.
        var weight = 1.0
    }

    var zeros: [Double] { Array(repeating: 0, count: rows.first?.count ?? 0) }
    var zeroSlopes: [Double] { Array(repeating: 0, count: rows.count) }

    func weight(_ index: Int, _ weights: [Double]) -> Double {
        weights.isEmpty ? 1 : weights[index]
    }

    /// The weights that minimise a loss of the texts' scores with the penalty.
    ///
    /// - Parameters:
    ///   - count: elements that the loss is a sum over.
    ///   - start: the first weights.
    ///   - anchor: what the penalty is the distance from; `nil`: zero.
    ///   - hasBias: whether the last weight is a bias, which is not penalised.
    ///   - loss: the sum, and its derivative by each text's score.
    /// - Returns: standardised weights.
    func solve(
        count: Double,
        from start: [Double],
        anchor: [Double]? = nil,
        hasBias: Bool = false,
        _ loss: ([Double]) -> (value: Double, slopes: [Double])
    ) -> [Double] {
        let strength = l2 * count
        return ConvexMinimiser().minimise(from: start) { weight in
            let data = loss(weight)
            var penalised = weight
            if let anchor { penalised = weight.indices.map { weight[$0] - anchor[$0] } }
            if hasBias { penalised[weight.count - 1] = 0 }
            var gradient = penalised.map { $0 * strength }
            for (row, slope) in zip(rows, data.slopes) where slope != 0 {
                accumulate(&gradient, row, slope, from: 0)
                if hasBias { gradient[weight.count - 1] += slope }
            }
            return (data.value + strength / 2 * dot(penalised, penalised), gradient)
        }
    }

    func accumulate(
        _ gradient: inout [Double],
        _ row: [Double],
        _ factor: Double,
        from start: Int
    ) {
        for index in row.indices { gradient[start + index] += factor * row[index] }
    }

    /// Mean and deviation of each feature.
    struct Scaling {
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

        /// The standardised weights of a head on raw features, and its mean score over the texts.
        func unfold(_ head: Head) -> (weight: [Double], mean: Double) {
            let weight = head.weight.indices.map { head.weight[$0] * deviation[$0] }
            return (weight, head.bias + dot(head.weight, mean))
        }

        func fold(_ weight: [Double], bias: Double) -> Head {
            let raw = weight.indices.map { weight[$0] / deviation[$0] }
            return Head(weight: raw, bias: bias - dot(raw, mean))
        }
    }
}
