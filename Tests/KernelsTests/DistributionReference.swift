import Foundation

/// Everything a loss may take of rows of logits, and the gradient of a weighted sum of it all.
struct DistributionReference {
    /// Another model's logits with the weights of both divergences in the loss, (1, rows) each.
    struct Other {
        let logits: Matrix
        let dReverse: Matrix
        let dForward: Matrix
    }

    let softmax: LogSoftmaxReference
    let dCollisions: Matrix
    let others: [Other]

    /// KL(p‖q) and KL(q‖p) of each row.
    static func divergences(_ logits: Matrix, _ other: Matrix) -> (up: [Double], down: [Double]) {
        var (up, down): ([Double], [Double]) = ([], [])
        for row in 0..<logits.rows {
            let p = LogSoftmaxReference.logProbabilities(logits.row(row))
            let q = LogSoftmaxReference.logProbabilities(other.row(row))
            up.append(zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) })
            down.append(zip(p, q).reduce(0) { $0 + exp($1.1) * ($1.1 - $1.0) })
        }
        return (up, down)
    }

    /// Σ p² of each row.
    static func collisions(_ logits: Matrix) -> [Double] {
        (0..<logits.rows).map { row in
            LogSoftmaxReference.logProbabilities(logits.row(row)).reduce(0) { $0 + exp(2 * $1) }
        }
    }

    /// The mixed teacher's logits, and the distance of each row's two distributions.
    static func mixed(
        _ teacher: Matrix,
        _ contrast: Matrix,
        strength: Double,
        floor: Double
    ) -> (logits: Matrix, distances: [Double]) {
        var (logits, distances) = (teacher, [Double]())
        for row in 0..<teacher.rows {
            let p = LogSoftmaxReference.logProbabilities(teacher.row(row))
            let q = LogSoftmaxReference.logProbabilities(contrast.row(row))
            let distance = zip(p, q).reduce(0) { $0 + abs(exp($1.0) - exp($1.1)) }
            distances.append(distance)
            for column in 0..<teacher.columns {
                let gap = teacher[row, column] - contrast[row, column]
                logits[row, column] += (strength * distance + floor) * gap
            }
        }
        return (logits, distances)
    }

    func loss(_ logits: Matrix) -> Double {
        let rows = logits.rows
        var loss = softmax.loss(logits)
        loss += Matrix(1, rows, Self.collisions(logits)).dot(dCollisions)
        for other in others {
            let (up, down) = Self.divergences(logits, other.logits)
            loss += Matrix(1, rows, up).dot(other.dReverse)
            loss += Matrix(1, rows, down).dot(other.dForward)
        }
        return loss
    }

    func backward(_ logits: Matrix) -> Matrix {
        var gradient = softmax.backward(logits)
        let collisions = Self.collisions(logits)
        for row in 0..<logits.rows {
            let logp = LogSoftmaxReference.logProbabilities(logits.row(row))
            for column in 0..<logits.columns {
                let p = exp(logp[column])
                gradient[row, column] += 2 * dCollisions[0, row] * p * (p - collisions[row])
            }
        }
        for other in others {
            let up = Self.divergences(logits, other.logits).up
            for row in 0..<logits.rows {
                let logp = LogSoftmaxReference.logProbabilities(logits.row(row))
                let logq = LogSoftmaxReference.logProbabilities(other.logits.row(row))
                for column in 0..<logits.columns {
                    let (p, q) = (exp(logp[column]), exp(logq[column]))
                    let reverse = p * (logp[column] - logq[column] - up[row])
                    gradient[row, column] += other.dReverse[0, row] * reverse
                    gradient[row, column] += other.dForward[0, row] * (p - q)
                }
            }
        }
        return gradient
    }
}
