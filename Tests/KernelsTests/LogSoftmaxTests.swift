import Foundation
import Kernels
import Testing

/// Log-probability of a target and entropy of each row, and the gradient of a weighted sum of both.
struct LogSoftmaxReference {
    let targets: [Int32]
    /// (1, rows): weights of log-probability and entropy in the loss.
    let dLogprobs: Matrix
    let dEntropies: Matrix

    static func logProbabilities(_ row: Matrix) -> [Double] {
        let maximum = row.elements.max() ?? 0
        let lse = maximum + log(row.elements.reduce(0) { $0 + exp($1 - maximum) })
        return row.elements.map { $0 - lse }
    }

    func forward(_ logits: Matrix) -> (logprobs: [Double], entropies: [Double]) {
        var (logprobs, entropies): ([Double], [Double]) = ([], [])
        for row in 0..<logits.rows {
            let logp = Self.logProbabilities(logits.row(row))
            logprobs.append(logp[Int(targets[row])])
            entropies.append(-logp.reduce(0) { $0 + exp($1) * $1 })
        }
        return (logprobs, entropies)
    }

    func loss(_ logits: Matrix) -> Double {
        let (logprobs, entropies) = forward(logits)
        return Matrix(1, logits.rows, logprobs).dot(dLogprobs)
            + Matrix(1, logits.rows, entropies).dot(dEntropies)
    }

    func backward(_ logits: Matrix) -> Matrix {
        var gradient = logits
        for row in 0..<logits.rows {
            let logp = Self.logProbabilities(logits.row(row))
            let entropy = -logp.reduce(0) { $0 + exp($1) * $1 }
            for column in 0..<logits.columns {
                let p = exp(logp[column])
                let hit = column == Int(targets[row]) ? 1.0 : 0
                gradient[row, column] =
                    dLogprobs[0, row] * (hit - p)
                    - dEntropies[0, row] * p * (logp[column] + entropy)
            }
        }
        return gradient
    }
}

@Suite struct `Log-softmax` {
    /// Blocks of 1024 float sums added in double; the row's shift of up to 12 rounds by 7e-7, and the
    /// gradient's probabilities with it.
    static let tolerance = 3e-6

    private func reference(_ rows: Int, _ columns: Int) -> LogSoftmaxReference {
        var entropy = Matrix.random(1, rows, seed: 2)
        // One row without an entropy term takes the shorter loop.
        entropy[0, 0] = 0
        return LogSoftmaxReference(
            targets: (0..<rows).map { Int32(($0 * 31 + columns - 1) % columns) },
            dLogprobs: .random(1, rows, seed: 3),
            dEntropies: entropy
        )
    }

    @Test func `the reference's gradient is its central differences`() {
        let logits = Matrix.random(4, 6, seed: 1, scale: 2)
        let reference = reference(4, 6)
        let expected = centralDifferences(at: logits, reference.loss)
        #expect(
            difference(reference.backward(logits).elements, expected.elements) < centralTolerance
        )
    }

    @Test(arguments: [1, 2, 5], [2, 97, 1023, 1500])
    func `log-probabilities, entropies and gradients agree`(rows: Int, columns: Int) {
        let logits = Matrix.random(rows, columns, seed: 4, scale: 6)
        let reference = reference(rows, columns)
        let (logprobs, entropies) = reference.forward(logits)
        for threads in 1...3 {
            let run = Run(logits, reference, threads: threads)
            #expect(difference(run.logprobs, Matrix(1, rows, logprobs)) < Self.tolerance)
            #expect(difference(run.entropies, Matrix(1, rows, entropies)) < Self.tolerance)
            #expect(difference(run.logits.view, reference.backward(logits)) < Self.tolerance)
            #expect(run.logits.isMarginUntouched)
        }
    }

    @Test func `logits far from zero neither overflow nor lose the likely tokens`() {
        let logits = Matrix(2, 4, [900, 899, -900, 0, -5000, -5001, -5002, -5000])
        let reference = LogSoftmaxReference(
            targets: [1, 3],
            dLogprobs: Matrix(1, 2, [1, 1]),
            dEntropies: Matrix(1, 2, [0.5, 0.5])
        )
        let run = Run(logits, reference, threads: 1)
        let (logprobs, entropies) = reference.forward(logits)
        #expect(difference(run.logprobs, Matrix(1, 2, logprobs)) < Self.tolerance)
        #expect(difference(run.entropies, Matrix(1, 2, entropies)) < Self.tolerance)
        // float32 holds a log-sum-exp of 5000 to 2.4e-4: probabilities err by as much.
        #expect(difference(run.logits.view, reference.backward(logits)) < 5e-4)
    }

    /// One forward and one backward call.
    private struct Run {
        let logits: Strided
        let logprobs: Tensor
        let entropies: Tensor

        init(_ values: Matrix, _ reference: LogSoftmaxReference, threads: Int) {
            let backend = CPUBackend(threadCount: threads)
            logits = Strided(values)
            let lse = Tensor(rows: 1, columns: values.rows)
            logprobs = Tensor(rows: 1, columns: values.rows)
            entropies = Tensor(rows: 1, columns: values.rows)
            backend.logSoftmax(
                logits.view,
                targets: reference.targets[...],
                lse: lse,
                logprobs: logprobs,
                entropies: entropies
            )
            backend.logSoftmaxBackward(
                logits.view,
                targets: reference.targets[...],
                lse: lse,
                entropies: entropies,
                dLogprobs: reference.dLogprobs.tensor,
                dEntropies: reference.dEntropies.tensor
            )
        }
    }
}
