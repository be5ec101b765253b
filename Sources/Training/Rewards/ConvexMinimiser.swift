/// Minimises a smooth convex function by L-BFGS with backtracking (Nocedal & Wright, algorithm 7.5).
struct ConvexMinimiser {
    /// Pairs of steps and gradient changes that are remembered.
    var memory = 10
    var maximumIterations = 500
    /// Ends when the gradient's largest element falls below this share of its first value.
    var tolerance = 1e-6

    /// Walks downhill until the gradient is small enough or no step helps.
    ///
    /// - Parameters:
    ///   - start: the first point.
    ///   - function: value and gradient at a point.
    /// - Returns: the last point that was reached.
    func minimise(
        from start: [Double],
        _ function: ([Double]) -> (value: Double, gradient: [Double])
    ) -> [Double] {
        var point = start
        var (value, gradient) = function(point)
        let goal = tolerance * max(1e-12, gradient.map(abs).max() ?? 0)
        var history: [(step: [Double], change: [Double], inverse: Double)] = []
        for _ in 0..<maximumIterations {
            if (gradient.map(abs).max() ?? 0) <= goal { break }
            let direction = descent(gradient, history)
            let slope = dot(direction, gradient)
            var length = history.isEmpty ? 1 / max(1, dot(gradient, gradient).squareRoot()) : 1
            var next = advanced(point, direction, length)
            var (nextValue, nextGradient) = function(next)
            // Armijo's condition; a convex function always meets it for a short enough step.
            while nextValue > value + 1e-4 * length * slope && length > 1e-12 {
                length /= 2
                next = advanced(point, direction, length)
                (nextValue, nextGradient) = function(next)
            }
            let step = zip(next, point).map { $0 - $1 }
            let change = zip(nextGradient, gradient).map { $0 - $1 }
            let curvature = dot(step, change)
            if curvature > 1e-300 { history.append((step, change, 1 / curvature)) }
            if history.count > memory { history.removeFirst() }
            (point, value, gradient) = (next, nextValue, nextGradient)
            if length <= 1e-12 { break }
        }
        return point
    }

    private func descent(
        _ gradient: [Double],
        _ history: [(step: [Double], change: [Double], inverse: Double)]
    ) -> [Double] {
        var direction = gradient.map { -$0 }
        var weights: [Double] = []
        for entry in history.reversed() {
            let weight = entry.inverse * dot(entry.step, direction)
            weights.append(weight)
            direction = advanced(direction, entry.change, -weight)
        }
        if let last = history.last {
            let scale = 1 / (last.inverse * dot(last.change, last.change))
            direction = direction.map { $0 * scale }
        }
        for (entry, weight) in zip(history, weights.reversed()) {
            let correction = weight - entry.inverse * dot(entry.change, direction)
            direction = advanced(direction, entry.step, correction)
        }
        return direction
    }
}

func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for index in left.indices { sum += left[index] * right[index] }
    return sum
}

private func advanced(_ point: [Double], _ direction: [Double], _ length: Double) -> [Double] {
    var result = point
    for index in result.indices { result[index] += length * direction[index] }
    return result
}
