import Domain

// The fit of vectors that are compared.
extension HeadFit {
    /// Vectors of texts under which the chosen are preferred.
    ///
    /// min mean −p log σ(s) − (1 − p) log σ(−s) + λ/2 · |W|² with s the form of two vectors W·z + b.
    ///
    /// Not convex: every vector zero is a saddle, so it starts from small numbers drawn by `seed`.
    func preference(_ pairs: [Pair], _ form: PreferenceForm, seed: UInt64) -> [Head] {
        let (outputs, width) = (form.settings.dimensions, zeros.count + 1)
        var random = PhiloxSequence(seed: seed, stream: 0x7072_6566)
        let scale = 1 / Double(width).squareRoot()
        let start = (0..<outputs * width).map { _ in
            Double.random(in: -scale...scale, using: &random)
        }
        let strength = l2 * pairs.reduce(0) { $0 + $1.weight }
        let solution = ConvexMinimiser(maximumIterations: 300).minimise(from: start) { weight in
            let vectors = rows.map { vector(weight, of: $0, outputs) }
            var slopes = rows.map { _ in [Double](repeating: 0, count: outputs) }
            let loss = pairs.reduce(0) { $0 + self.loss($1, vectors, form, &slopes) }
            var gradient = weight.map { $0 * strength }
            for (row, slopes) in zip(rows, slopes) {
                for (output, slope) in slopes.enumerated() where slope != 0 {
                    accumulate(&gradient, row, slope, from: output * width)
                    gradient[(output + 1) * width - 1] += slope
                }
            }
            return (loss + strength / 2 * dot(weight, weight), gradient)
        }
        return (0..<outputs).map { output in
            let own = Array(solution[output * width..<(output + 1) * width])
            return scaling.fold(Array(own.dropLast()), bias: own.last ?? 0)
        }
    }

    private func vector(_ weight: [Double], of row: [Double], _ outputs: Int) -> [Double] {
        let width = row.count + 1
        return (0..<outputs).map { output in
            var sum = weight[(output + 1) * width - 1]
            for place in row.indices { sum += weight[output * width + place] * row[place] }
            return sum
        }
    }

    private func loss(
        _ pair: Pair,
        _ vectors: [[Double]],
        _ form: PreferenceForm,
        _ slopes: inout [[Double]]
    ) -> Double {
        let (a, b) = (vectors[pair.chosen], vectors[pair.rejected])
        let score = form.score(a, b) - pair.margin
        let slope = pair.weight * (1 - pair.probability - sigmoid(-score))
        let by = form.slopes(a, b, slope)
        for output in by.left.indices {
            slopes[pair.chosen][output] += by.left[output]
            slopes[pair.rejected][output] += by.right[output]
        }
        return pair.weight * (softplus(-score) + (1 - pair.probability) * score)
    }
}
